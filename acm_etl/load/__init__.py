"""Contract, staging, publishing, runs, progress, models: what makes a load exactly once."""
