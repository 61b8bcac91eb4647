"""Reads of the cash module, by noun."""
