"""The way over from ACM V8: its progress file, its doubled rows, its tables. Delete this folder when V8 is gone."""
