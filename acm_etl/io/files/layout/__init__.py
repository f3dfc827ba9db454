"""Containers and layout of imported files: from arguments to chunks of raw cells."""
