"""Detectors under one contract: a higher score is more abnormal."""
