"""留痕 journal: the append-only record of who did what, when, to what; sealed into a hash chain."""
