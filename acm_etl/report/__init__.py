"""HTML report: one self-contained page per machine, and an overview of the fleet."""
