"""The sign by which an answer to one of our messages is recognized, and that nobody can make up."""

from django.utils.crypto import salted_hmac

_SALT = "huikuan.outreach.mail"
_LENGTH = 40


def mail_digest(key: str) -> str:
    """Return the part of a Message-ID that stands for a delivery's key: the same for every attempt.

    Keyed with the secret of the installation: who has not got the message cannot report it as returned.
    """
    return salted_hmac(_SALT, key, algorithm="sha256").hexdigest()[:_LENGTH]
