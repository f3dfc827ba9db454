"""One machine: from its progress to its newest reading, in batches of windows."""
