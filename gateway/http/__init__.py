"""What HTTP needs: who may call, limits, sessions, metrics."""
