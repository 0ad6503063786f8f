"""The model that runs where nobody names another, and who may ask it."""

MODEL = {"name": "smollm2", "context_size": 2048, "threads": 2}
# Environment variables that hold the keys.
LITELLM_KEY, MODEL_SERVER_KEY = "LITELLM_MASTER_KEY", "MODEL_SERVER_KEY"


def asked_of(model: str, address: str) -> dict[str, str]:
    """As LiteLLM calls a server of OpenAI's kind."""
    return {
        "model": f"hosted_vllm/{model}",
        "api_base": f"http://{address}/v1",
        "api_key": held_in(MODEL_SERVER_KEY),
    }


def held_in(variable: str) -> str:
    """As LiteLLM is told where a key is, and not which."""
    return f"os.environ/{variable}"
