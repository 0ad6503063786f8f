"""Runs and deployments: started, looked up, followed, answered about."""
