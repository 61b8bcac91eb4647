"""How every page writes money, days, instants and icons."""

from datetime import date, datetime
from functools import cache

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from lucide.templatetags import lucide

from huikuan.kernel.money import format_money

register = template.Library()

RED_AFTER_DAYS = 30
"""More days overdue than this is red (product C1)."""


@cache
def _icon(name: str) -> SafeString:
    return SafeString(lucide.lucide(name, size=None, **{"class": "icon", "aria_hidden": "true", "focusable": "false"}))


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw a lucide icon that is decoration only: the words stand beside it."""
    return _icon(name + "")


@register.simple_tag
def money(minor: int | None, currency: str) -> str:
    """Write an amount for people: ¥1,234.50; a dash for none."""
    return "—" if minor is None else format_money(minor, currency, get_language() or "en")


@register.filter
def day(value: date | None) -> str:
    """Write a day the same way in every language: 2026-11-21; a dash for none."""
    return "—" if value is None else value.isoformat()


@register.filter
def moment(value: datetime | None) -> str:
    """Write an instant on the clock of whoever looks: 2026-11-21 18:05; a dash for none."""
    return "—" if value is None else f"{timezone.localtime(value):%Y-%m-%d %H:%M}"


@register.simple_tag
def days_badge(days: int | None) -> SafeString:
    """Say how long something is overdue: amber, and red beyond 30 days; plain while not yet due."""
    if not days or days < 0:
        return format_html('<span class="badge">{}</span>', _("not due"))
    tone = "bad" if days > RED_AFTER_DAYS else "warn"
    words = ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
    return format_html('<span class="badge {}">{}</span>', tone, words)
