"""A repository that is followed: what it has now is planned and pushed."""
