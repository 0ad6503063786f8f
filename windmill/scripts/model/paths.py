"""Where things of the catalog stand in Windmill."""

FOLDER = "f/mlops"
CATALOG = f"{FOLDER}/catalog"
DEPLOYMENT_FLOW = f"{FOLDER}/ml_pipeline_deployment"


def use_path(use: str) -> str:
    """Of an entry as a step names it; a pinned one stands apart from the newest."""
    key, _, commit = use.partition("@")
    return f"{CATALOG}/at/{commit}/{key}" if commit else f"{CATALOG}/{key}"


def windmill_path(name: str) -> str:
    """`notify` is one of ours; `f/team/notify` and `u/ann/notify` stand as they are."""
    return name if name[:2] in ("f/", "u/", "g/") else f"{FOLDER}/{name}"
