"""Django application configuration."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The desk module."""

    name = "huikuan.desk"
    label = "desk"
