"""Django application configuration."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The portal module."""

    name = "huikuan.portal"
    label = "portal"
