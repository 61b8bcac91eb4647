"""Tables of the cash module."""
