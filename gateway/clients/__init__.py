"""What the gateway talks to: Windmill and the deployment registry."""
