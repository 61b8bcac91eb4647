"""Reads of the outreach module, one file per noun."""
