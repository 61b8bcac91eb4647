"""日终 runs: the daily run: the one place where all modules meet to decide and write."""
