"""What is done to deployments."""
