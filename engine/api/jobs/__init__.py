"""Jobs: started, watched, listed, answered."""
