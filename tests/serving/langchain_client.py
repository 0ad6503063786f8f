"""Run in LangChain's own environment: `KIND ADDRESS`; prints what it got as one JSON document."""

import json
import sys

from langchain_openai import ChatOpenAI, OpenAIEmbeddings


def embeddings(address: str, **options: bool) -> object:
    client = OpenAIEmbeddings(model="e5-small", base_url=address, api_key="none", **options)
    return {
        "documents": client.embed_documents(["A cat.", "A GPU."]),
        "query": client.embed_query("A cat."),
    }


def chat(address: str) -> object:
    # What the server behind takes is its own business; the newer name of this one is not known to all.
    client = ChatOpenAI(
        model="chat", base_url=address, api_key="none", temperature=0, stream_usage=True,
        extra_body={"max_tokens": 5},
    )  # fmt: skip
    pieces = list(client.stream("Hello"))
    whole = pieces[0]
    for piece in pieces[1:]:
        whole += piece
    return {"pieces": len(pieces), "text": whole.text, "usage": whole.usage_metadata}


kind, address = sys.argv[1:]
KINDS = {"chat": chat, "embeddings": lambda at: embeddings(at, check_embedding_ctx_length=False)}
print(json.dumps(KINDS[kind](address)))
