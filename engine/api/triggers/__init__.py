"""Schedules and HTTP routes: kept, and answered."""
