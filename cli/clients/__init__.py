"""What the commands talk to over HTTP: the gateway, a Windmill, a deployed pipeline."""
