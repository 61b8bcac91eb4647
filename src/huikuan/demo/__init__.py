"""演示 demo: an invented portfolio of any size, loaded in bulk, with the days replayed that led up to today."""
