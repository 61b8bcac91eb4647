"""Django application configuration."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """The runs module."""

    name = "huikuan.runs"
    label = "runs"
