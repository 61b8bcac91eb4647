"""What the frame around every page shows: sections, entity, theme, language."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the sidebar; `view` opens it, `path` tells whether it is open."""

    view: str
    path: str
    icon: str
    label: str | Promise


@dataclass(frozen=True, slots=True)
class Group:
    """Sections under one heading of the sidebar."""

    label: Promise
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A section as the sidebar draws it on one page."""

    section: Section
    is_here: bool


@dataclass(frozen=True, slots=True)
class Fold:
    """A group as the sidebar draws it on one page: unfolded where the page is one of its own."""

    label: Promise
    places: tuple[Place, ...]

    @property
    def is_open(self) -> bool:
        """Tell whether the page is in this group."""
        return any(place.is_here for place in self.places)


FRONT = (
    Section("desk:dashboard", "/dashboard/", "layout-dashboard", _("Dashboard")),
    Section("desk:worklist", "/worklist/", "list-checks", _("Today's worklist")),
    Section("desk:customers", "/customers/", "building-2", _("Customers")),
    Section("desk:aging", "/aging/", "chart-column", _("Aging")),
)
"""Always in reach, also on a phone."""

GROUPS = (
    Group(
        _("Getting in touch"),
        (
            Section("desk:deliveries", "/deliveries/", "send", _("Messages")),
            Section("desk:letters", "/letters/", "mail", _("Letters")),
            Section("desk:visits", "/visits/", "map-pin", _("Visits")),
            Section("desk:inbox", "/inbox/", "inbox", _("Inbox")),
            Section("desk:complaints", "/complaints/", "megaphone", _("Complaints")),
        ),
    ),
    Group(
        _("Cash and statements"),
        (
            Section("desk:matching", "/matching/", "git-compare-arrows", _("Cash application")),
            Section("desk:bank", "/bank/", "landmark", _("Bank statements")),
            Section("desk:payments", "/payments/", "credit-card", _("Payments")),
            Section("desk:bills", "/bills/", "receipt-text", _("Bills of exchange")),
            Section("desk:statements", "/statements/", "scale", _("Account statements")),
        ),
    ),
    Group(
        _("Rules and control"),
        (
            Section("desk:approvals", "/approvals/", "stamp", _("Approvals")),
            Section("desk:runs", "/runs/", "play", _("Daily run")),
            Section("desk:policies", "/policy/", "sliders-horizontal", _("Policy")),
            Section("desk:texts", "/texts/", "message-square-text", _("Texts")),
            Section("desk:guard-refusals", "/guard/", "shield-check", _("Contact guard")),
        ),
    ),
)
"""Folded away until one is open; on a phone behind "More"."""

MANUAL = Section("desk:manual", "/manual/", "book-open", _("Manual"))
"""Below the groups."""


def frame(request: HttpRequest) -> dict[str, object]:
    """Return what `base.html` needs beside the page itself. Starts no query."""
    chosen = request.COOKIES.get(THEME_COOKIE, "auto")
    return {
        "seat": getattr(request, "seat", None),
        "sections_front": _places(FRONT, request.path),
        "section_groups": tuple(Fold(each.label, _places(each.sections, request.path)) for each in GROUPS),
        "sections_last": _places((MANUAL,), request.path),
        "theme": chosen if chosen in THEMES else "auto",
        "themes": (("auto", _("Auto")), ("light", _("Light")), ("dark", _("Dark"))),
        "languages": settings.LANGUAGES,
    }


def _places(sections: Iterable[Section], path: str) -> tuple[Place, ...]:
    return tuple(Place(each, path.startswith(each.path)) for each in sections)
