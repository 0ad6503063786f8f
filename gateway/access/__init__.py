"""Who calls, what their role allows, and what is remembered of it."""
