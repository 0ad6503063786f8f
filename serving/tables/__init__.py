"""Rows and columns from files."""
