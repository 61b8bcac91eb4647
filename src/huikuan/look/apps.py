"""Django application configuration."""

from django.apps import AppConfig


class LookConfig(AppConfig):
    """The look module."""

    name = "huikuan.look"
    label = "look"
