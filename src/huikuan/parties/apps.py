"""Django application configuration."""

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    """The parties module."""

    name = "huikuan.parties"
    label = "parties"
