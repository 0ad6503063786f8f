"""Whether this worker is the embedded engine's: asked also by steps that open no registry."""

import os


def is_embedded() -> bool:
    """Its workers are on one host, so that a file may be the registry: `mlops up` says so."""
    return bool(os.environ.get("MLOPS_EMBEDDED"))
