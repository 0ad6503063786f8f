"""Text from files and web pages."""
