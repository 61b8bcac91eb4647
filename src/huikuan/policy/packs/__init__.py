"""Shipped policies, guard packs and the schemas of their files: data."""
