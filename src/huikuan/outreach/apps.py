"""Django application configuration."""

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    """The outreach module."""

    name = "huikuan.outreach"
    label = "outreach"
