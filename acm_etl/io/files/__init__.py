"""Files with readings: what a file is, its times, its numbers."""
