"""Django application configuration."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The cases module."""

    name = "huikuan.cases"
    label = "cases"
