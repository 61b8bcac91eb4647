"""E-mail by SMTP: builds the message, holds the conversation, says what is certain about its end."""
