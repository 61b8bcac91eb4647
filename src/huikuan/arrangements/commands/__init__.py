"""Writes of the arrangements module, by noun."""
