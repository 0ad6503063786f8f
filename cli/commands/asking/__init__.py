"""What deployed pipelines are asked."""
