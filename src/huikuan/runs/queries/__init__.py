"""Reads of the daily run: the facts of a chunk, the plan of chunks, what a past day knew, and why."""
