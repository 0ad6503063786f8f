"""Run in LlamaIndex's own environment: `ADDRESS`; prints what it got as one JSON document."""

import json
import sys

from llama_index.embeddings.openai import OpenAIEmbedding

client = OpenAIEmbedding(model_name="e5-small", api_base=sys.argv[1], api_key="none", max_retries=0)
documents = client.get_text_embedding_batch(["A cat.", "A GPU."])
print(json.dumps({"documents": documents, "query": client.get_query_embedding("A cat.")}))
