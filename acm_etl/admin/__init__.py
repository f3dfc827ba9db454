"""Administration of a store: import, export, machines, retention, simulation."""
