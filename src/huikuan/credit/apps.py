"""Django application configuration."""

from django.apps import AppConfig


class CreditConfig(AppConfig):
    """The credit module."""

    name = "huikuan.credit"
    label = "credit"
