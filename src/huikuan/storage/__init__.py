"""存取 storage: frames in and out of both databases in bulk, and the triggers that keep what must never be false."""
