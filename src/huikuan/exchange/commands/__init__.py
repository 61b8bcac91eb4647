"""Writes: one import of a file, one export of a list."""
