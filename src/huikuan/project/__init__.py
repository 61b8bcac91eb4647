"""The wiring: settings, urls, wsgi."""
