"""Counts with their nouns, for messages."""


def format_count(value: int, noun: str) -> str:
    """Return a number and its noun: ``1 window``, ``2 windows``."""
    return f"{value:,} {noun}{'' if value == 1 else 's'}"
