"""Values of imported files: numbers, units, states, missing values and quality."""
