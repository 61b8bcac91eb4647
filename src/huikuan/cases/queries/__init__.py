"""Reads of the cases module: the worklist and the head of a case page, as plain data."""
