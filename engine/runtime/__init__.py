"""Everything between a queued job and its operating system process."""
