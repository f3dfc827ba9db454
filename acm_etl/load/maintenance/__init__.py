"""Recovery and upkeep of a store: abandoned runs, replay, retention and partitions."""
