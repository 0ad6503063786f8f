"""Files from people and from the network are read in processes of their own, which may fail."""
