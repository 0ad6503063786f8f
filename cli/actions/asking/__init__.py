"""What a deployed pipeline is asked, by what it serves."""
