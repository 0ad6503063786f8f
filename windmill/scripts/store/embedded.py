"""Whether this worker is the embedded engine's: asked also by steps that open no registry."""

import os


def is_embedded() -> bool:
    """Whether the worker runs on the host of the embedded engine, which says where it may build."""
    return bool(os.environ.get("MLOPS_LOCAL_ROOT"))
