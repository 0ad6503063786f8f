"""The OpenFlow interpreter: a state machine whose whole state is in the store."""
