"""The schema of a store: scripts rendered from the declared tables, applied once each, and completed by ``init``."""
