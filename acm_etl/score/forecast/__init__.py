"""Forecasts of health, time to threshold and sensors."""
