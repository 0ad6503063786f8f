"""Secrets that follow from the platform's own key: always the same, and never stored.

A second run changes nothing, and whoever may read that one key knows all of them.
"""

import hashlib
import hmac


def derived_secret(platform_key: str, purpose: str, name: str) -> str:
    """One purpose's secret says nothing about another's, nor about the platform's key."""
    message = f"{purpose}:{name}".encode()
    return hmac.new(platform_key.encode(), message, hashlib.sha256).hexdigest()


def api_key(platform_key: str, deployment_id: str) -> str:
    """What a deployed pipeline's API asks for."""
    return "mk-" + derived_secret(platform_key, "api", deployment_id)


def page_link(url: str, key: str) -> str:
    """The pipeline's page with its key where browsers keep it: a fragment is sent to no server."""
    return f"{url.rstrip('/')}/#key={key}"
