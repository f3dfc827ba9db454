"""Self-contained HTML pages: one per machine, and one of the fleet. Reads a store through its engine, writes files."""
