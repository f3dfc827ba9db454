"""Times of imported files: spellings, order of day and month, zones and clock changes."""
