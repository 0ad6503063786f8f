"""What deployed pipelines answer, and what to ask them."""
