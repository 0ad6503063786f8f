"""The images of what is ours, by the name that the workers are told."""

import os

# {environment} in it is serving, serving-ml, serving-speech, litellm or model-server.
IMAGE = "MLOPS_SERVING_IMAGE"


def image_missing() -> str:
    """Why there is no image for our own API; '' where there is."""
    if os.environ.get(IMAGE):
        return ""
    return f"{IMAGE} names no image where the workers run: docs/how-to/deploy-to-kubernetes.md"


def image_of(environment: str) -> str:
    return os.environ[IMAGE].replace("{environment}", environment)
