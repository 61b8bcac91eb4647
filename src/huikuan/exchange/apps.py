"""Django application configuration."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """The exchange module."""

    name = "huikuan.exchange"
    label = "exchange"
