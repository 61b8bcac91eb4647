"""Writes of the daily run."""
