"""Django application configuration."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """The journal module."""

    name = "huikuan.journal"
    label = "journal"
