"""Writes of the outreach module: the outbox, its delivery, its reconciliation, and the contact log."""
