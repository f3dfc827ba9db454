"""Migration from ACM V8: progress file, duplicate rows, tables. Delete this package when V8 is no longer in use."""
