"""Readings before scoring: cleaned, scaled, completed, with rolling features and an operating state."""
