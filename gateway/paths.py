"""Where things stand in Windmill."""

FOLDER = "f/mlops"
DEPLOY = f"{FOLDER}/ml_pipeline_deployment"
DESTROY = f"{FOLDER}/destroy_deployment"
DESTROY_ALL = f"{FOLDER}/destroy_deployments"
BUILDER = f"{FOLDER}/ml_pipeline_builder"
CATALOG = f"{FOLDER}/catalog/"
PINNED = f"{CATALOG}at/"
COMPONENTS = f"{FOLDER}/assets/components"
DEFAULT_KIND = "pipelines"


def catalog_flow(name: str) -> str:
    """`rag-chatbot` and `pipelines/rag-chatbot` name the same flow."""
    return CATALOG + (name if "/" in name else f"{DEFAULT_KIND}/{name}")
