"""Readings before scoring: cleaned, scaled, with features and an operating state."""
