"""What starts jobs without a person: schedules, and requests of other programs."""
