"""Tables by local day, by model and by run."""
