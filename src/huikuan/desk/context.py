"""What the frame around every page shows: sections, entity, theme, language."""

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

    @property
    def beginning(self) -> str:
        """Return the part of an address that is compared with `path`, as the filter `slice` takes it."""
        return f":{len(self.path)}"


FRONT = (
    Section("desk:dashboard", "/dashboard/", "layout-dashboard", _("Dashboard")),
    Section("desk:worklist", "/worklist/", "list-checks", _("Today's worklist")),
    Section("desk:customers", "/customers/", "building-2", _("Customers")),
    Section("desk:aging", "/aging/", "chart-column", _("Aging")),
)
"""Always in reach, also on a phone."""

BEHIND = (
    Section("desk:runs", "/runs/", "play", _("Daily run")),
    Section("desk:deliveries", "/deliveries/", "send", _("Messages")),
    Section("desk:inbox", "/inbox/", "inbox", _("Inbox")),
    Section("desk:letters", "/letters/", "mail", _("Letters")),
    Section("desk:visits", "/visits/", "map-pin", _("Visits")),
    Section("desk:approvals", "/approvals/", "stamp", _("Approvals")),
    Section("desk:matching", "/matching/", "git-compare-arrows", _("Cash application")),
    Section("desk:payments", "/payments/", "credit-card", _("Payments")),
    Section("desk:statements", "/statements/", "scale", _("Account statements")),
    Section("desk:bills", "/bills/", "receipt-text", _("Bills of exchange")),
    Section("desk:bank", "/bank/", "landmark", _("Bank statements")),
    Section("desk:guard-refusals", "/guard/", "shield-check", _("Contact guard")),
    Section("desk:complaints", "/complaints/", "megaphone", _("Complaints")),
    Section("desk:texts", "/texts/", "message-square-text", _("Texts")),
    Section("desk:policies", "/policy/", "sliders-horizontal", _("Policy")),
    Section("desk:manual", "/manual/", "book-open", _("Manual")),
)
"""On a phone behind "More"."""


def frame(request: HttpRequest) -> dict[str, object]:
    """Return what `base.html` needs beside the page itself. Starts no query."""
    chosen = request.COOKIES.get(THEME_COOKIE, "auto")
    return {
        "seat": getattr(request, "seat", None),
        "sections_front": FRONT,
        "sections_behind": BEHIND,
        "theme": chosen if chosen in THEMES else "auto",
        "themes": (("auto", _("Auto")), ("light", _("Light")), ("dark", _("Dark"))),
        "languages": settings.LANGUAGES,
    }
