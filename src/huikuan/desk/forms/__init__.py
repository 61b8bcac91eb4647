"""Forms: read what a person typed."""
