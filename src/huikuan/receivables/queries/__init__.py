"""Reads of the ledger: frames for rules (`frames`), positions and pages (`position`), terms (`terms`), `verify`."""
