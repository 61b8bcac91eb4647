"""Django application configuration."""

from importlib import import_module

from django.apps import AppConfig


class CashConfig(AppConfig):
    """The cash module."""

    name = "huikuan.cash"
    label = "cash"

    def ready(self) -> None:
        """Tell arrangements what follows when a money request is decided: it knows nothing of cash."""
        deciding = import_module("huikuan.arrangements.commands.deciding")
        requests = import_module("huikuan.cash.commands.requests")
        deciding.FOLLOW[requests.NOUN] = requests.request_decided
