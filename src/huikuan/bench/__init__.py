"""测速 bench: how long the work takes, beside hand-written references that give the same answer in the same run."""
