"""What starts jobs without a person: schedules."""
