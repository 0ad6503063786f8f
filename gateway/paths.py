"""Where things stand in Windmill."""

FOLDER = "f/mlops"
DEPLOY = f"{FOLDER}/ml_pipeline_deployment"
DESTROY = f"{FOLDER}/destroy_deployment"
DESTROY_ALL = f"{FOLDER}/destroy_deployments"
BUILDER = f"{FOLDER}/ml_pipeline_builder"
CATALOG = f"{FOLDER}/catalog/"
PINNED = f"{CATALOG}at/"
COMPONENTS = f"{FOLDER}/assets/components"
KINDS = ("pipelines", "meta-pipelines", "playbooks")


def catalog_flows(name: str) -> list[str]:
    """`rag-chatbot` is looked for among pipelines first; `pipelines/rag-chatbot` only there."""
    return [CATALOG + key for key in ([name] if "/" in name else [f"{k}/{name}" for k in KINDS])]
