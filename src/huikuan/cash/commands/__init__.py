"""Writes of the cash module, by noun."""
