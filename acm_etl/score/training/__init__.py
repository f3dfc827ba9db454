"""Fitting a model: selection of training rows, detectors, calibration, and the update of a model in use."""
