"""The gateway as tests/gateway starts it: a real engine and registry behind it."""

from tests.gateway.conftest import api, connect, stack

__all__ = ["api", "connect", "stack"]
