"""Node.js for tests, as the product itself gets it."""

from sync.node import node_home, npm

__all__ = ["node_home", "npm"]
