"""How the desk writes money, days, instants, icons and badges."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from urllib.parse import urlencode

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from lucide.templatetags import lucide

from huikuan.desk.queries.words import CANCEL_REASONS, OUTCOME_TONES, TASK_OUTCOMES, step_name
from huikuan.kernel.money import format_money

register = template.Library()

RED_AFTER_DAYS = 30
"""More days overdue than this is red (product C1)."""

GRADE_TONES = {"A": "good", "B": "warn", "C": "bad"}


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


@register.simple_tag
def grade_badge(letter: str) -> SafeString:
    """Show a grade; a dash for a customer not graded yet."""
    if not letter:
        return format_html('<span class="meta">{}</span>', "—")
    words = _("Grade {letter}").format(letter=letter)
    return format_html('<span class="badge {}">{}</span>', GRADE_TONES.get(letter, ""), words)


@register.filter
def grade_tone(letter: str) -> str:
    """Return the color class of a grade."""
    return GRADE_TONES.get(letter, "")


@register.filter
def step(code: str) -> str:
    """Write a step of the ladder in words."""
    return step_name(code)


@register.filter
def cancel_reason(text: str) -> str:
    """Write why a task was called off in words."""
    return str(CANCEL_REASONS.get(text, text))


@register.filter
def outcome(code: str) -> str:
    """Write the outcome of a task or contact in words."""
    return str(TASK_OUTCOMES.get(code, code))


@register.filter
def outcome_tone(code: str) -> str:
    """Return the color class of an outcome."""
    return OUTCOME_TONES.get(code, "info")


@register.filter
def commas(text: str) -> list[str]:
    """Split a literal list of a template."""
    return text.split(",")


@register.simple_tag
def qs(*queries: Mapping[str, object], **changes: object) -> str:
    """Write a query string from mappings and changes; None or "" leaves a name out. Always begins with "?"."""
    merged: dict[str, object] = {}
    for query in queries:
        merged.update(query)
    merged.update(changes)
    return "?" + urlencode({name: value for name, value in merged.items() if value not in (None, "")})
