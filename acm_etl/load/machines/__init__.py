"""Machines as people declare them: tags, sources and settings."""
