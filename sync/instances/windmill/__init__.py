"""Windmill: its REST API, what is there, and writing to it."""
