"""Developers' tools; each is run as a program and some are used by the tests too."""
