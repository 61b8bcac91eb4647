"""Reads for pages: frozen dataclasses, so that no query starts in a template."""
