"""What several commands do: bring up, push, deploy, find catalog entries."""
