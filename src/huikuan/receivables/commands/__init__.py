"""Writes of the ledger. One file per noun; each public function is one transaction and one journal entry."""
