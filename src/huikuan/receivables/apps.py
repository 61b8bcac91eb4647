"""Django application configuration."""

from django.apps import AppConfig


class ReceivablesConfig(AppConfig):
    """The receivables module."""

    name = "huikuan.receivables"
    label = "receivables"
