"""Django application configuration."""

from django.apps import AppConfig


class StorageConfig(AppConfig):
    """The storage module."""

    name = "huikuan.storage"
    label = "storage"
