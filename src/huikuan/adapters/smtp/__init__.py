"""SMTP: e-mail through any mail server."""
