"""Machine health from plant history: pull, score, stage, publish."""
