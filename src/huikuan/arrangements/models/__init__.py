"""Tables of the arrangements module."""
