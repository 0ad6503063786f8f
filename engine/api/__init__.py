"""Windmill's REST API, one file a kind of item."""
