"""The status of machines, of a running backfill, and of the installation."""
