"""Writes of the cases module, by noun: tasks and cases."""
