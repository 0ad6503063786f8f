"""Run in LangChain's own environment: `ADDRESS KIND`; prints what it got as one JSON document."""

import json
import sys

from langchain_openai import ChatOpenAI, OpenAIEmbeddings


def embeddings(address: str) -> object:
    # Else it sends the tokens of OpenAI's own models.
    told = {"api_key": "none", "check_embedding_ctx_length": False}
    client = OpenAIEmbeddings(model="e5-small", base_url=address, **told)
    documents = client.embed_documents(["A cat.", "A GPU."])
    return {"documents": documents, "query": client.embed_query("A cat.")}


def chat(address: str) -> object:
    # LangChain renames `max_tokens`, and not every server behind knows the new name.
    client = ChatOpenAI(
        model="chat", base_url=address, api_key="none", temperature=0, stream_usage=True,
        extra_body={"max_tokens": 5},
    )  # fmt: skip
    pieces = list(client.stream("Hello"))
    whole = pieces[0]
    for piece in pieces[1:]:
        whole += piece
    return {"pieces": len(pieces), "text": whole.text, "usage": whole.usage_metadata}


address, kind = sys.argv[1:]
print(json.dumps({"chat": chat, "embeddings": embeddings}[kind](address)))
