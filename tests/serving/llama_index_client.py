"""Run in LlamaIndex's own environment: `ADDRESS KIND`; prints what it got as one JSON document."""

import json
import sys


def embeddings(address: str) -> object:
    from llama_index.embeddings.openai import OpenAIEmbedding

    client = OpenAIEmbedding(model_name="e5-small", api_base=address, api_key="none", max_retries=0)
    documents = client.get_text_embedding_batch(["A cat.", "A GPU."])
    return {"documents": documents, "query": client.get_query_embedding("A cat.")}


def chat(address: str) -> object:
    from llama_index.core.llms import ChatMessage
    from llama_index.llms.openai_like import OpenAILike

    client = OpenAILike(
        model="chat", api_base=address, api_key="none", max_tokens=5, is_chat_model=True,
        max_retries=0, additional_kwargs={"stream_options": {"include_usage": True}},
    )  # fmt: skip
    pieces = list(client.stream_chat([ChatMessage(role="user", content="Hello")]))
    usage = next(each.raw.usage for each in pieces if each.raw.usage)
    return {
        "pieces": sum(bool(each.delta) for each in pieces),
        "text": pieces[-1].message.content,
        "usage": {"total_tokens": usage.total_tokens},
    }


address, kind = sys.argv[1:]
print(json.dumps({"chat": chat, "embeddings": embeddings}[kind](address)))
