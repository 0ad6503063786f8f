"""Components that give the pipeline its API."""
