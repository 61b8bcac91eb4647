"""A mailbox read by IMAP (RFC 3501): nothing in it is changed unless the settings name a folder to move to."""
