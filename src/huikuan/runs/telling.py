"""What a provider of `runs.providers` gives, and how the provider of a kind is found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from huikuan.outreach.models import Delivery
from huikuan.outreach.ports import Later, Pointless
from huikuan.outreach.rules.table import Table
from huikuan.outreach.rules.template import Template
from huikuan.runs import providers
from huikuan.runs.speech import Speech


@dataclass(frozen=True, slots=True)
class Told:
    """What a message states.

    Attributes:
        words: By placeholder, in the language of the speech; "" or absent leaves its line out.
        tables: By placeholder.
        facts: The same as data, frozen with the message; amounts in minor units, days as ISO text.
        template: The text itself where a person wrote it; None: the text of the kind.
    """

    words: Mapping[str, str]
    tables: Mapping[str, Table] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    template: Template | None = None


Provider = Callable[[Delivery, Speech], Told | Pointless | Later]


def provider_of(kind: str) -> Provider | None:
    """Return the provider of a kind of message; None: the claim itself tells, by the ladder."""
    return _providers().get(kind)


@cache
def _providers() -> Mapping[str, Provider]:
    """Collect what the files of this package provide. Raises ValueError when two provide the same kind."""
    found: dict[str, Provider] = {}
    for module in iter_modules(providers.__path__, f"{providers.__name__}."):
        provided: Mapping[str, Provider] = import_module(module.name).PROVIDES
        if twice := found.keys() & provided.keys():
            message = f"{module.name} provides {', '.join(sorted(twice))}, which another file provides already"
            raise ValueError(message)
        found |= provided
    return found
