"""What starts scripts and flows without a person."""
