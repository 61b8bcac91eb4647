"""Django application configuration."""

from django.apps import AppConfig


class ArrangementsConfig(AppConfig):
    """The arrangements module."""

    name = "huikuan.arrangements"
    label = "arrangements"
