"""Commands of Django that this package does better."""
