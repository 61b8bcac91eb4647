"""Where machines of others call us: receipts of messages and payments. No session, no page; each call is verified."""
