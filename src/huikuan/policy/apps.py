"""Django application configuration."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    """The policy module."""

    name = "huikuan.policy"
    label = "policy"
