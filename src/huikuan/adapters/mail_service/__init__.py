"""E-mail through a mail service's web interface, by django-anymail (extra `huikuan[mail]`): anymail.dev."""
