"""A payment gateway for trials: its pay page is a page of the portal, its memory a folder, and nobody pays anything."""
