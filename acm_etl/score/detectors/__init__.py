"""Detectors under one contract: higher scores are more abnormal."""
