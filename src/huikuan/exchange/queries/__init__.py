"""Reads: what a file wants to compare with, the lists that are exported, the aging report."""
