"""Readings in the historian: imported cell by cell, with fingerprints of scored days and what arrived late."""
