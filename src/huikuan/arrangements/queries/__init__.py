"""Reads of the arrangements module, by noun."""
