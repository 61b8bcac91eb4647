"""Django application configuration."""

from django.apps import AppConfig


class CashConfig(AppConfig):
    """The cash module."""

    name = "huikuan.cash"
    label = "cash"
