"""How the desk writes codes and badges; money, days and icons are those of every page (look)."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huikuan.desk.queries.words import CANCEL_REASONS, OUTCOME_TONES, TASK_OUTCOMES, step_name
from huikuan.desk.queries.words_inbox import INTENTS
from huikuan.desk.queries.words_of_agreements import LIMITS, TONES, WAYS
from huikuan.look.templatetags import look

register = template.Library()

GRADE_TONES = {"A": "good", "B": "warn", "C": "bad"}

register.simple_tag(look.icon)
register.simple_tag(look.money)
register.simple_tag(look.days_badge)
register.filter(look.day)
register.filter(look.moment)


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
def clock(value: datetime) -> str:
    """Write an instant of the day in question as the hour on the reader's clock: 14:30."""
    return f"{timezone.localtime(value):%H:%M}"


@register.filter
def spoken(seconds: int) -> str:
    """Write how long a call took: 205 is 3:25."""
    return f"{seconds // 60}:{seconds % 60:02}"


@register.filter
def arrangement_tone(state: str) -> str:
    """Return the color class of the state of a promise, plan or restructuring."""
    return TONES.get(state, "")


@register.filter
def plan_limit(code: str) -> str:
    """Write why something needs approval in words."""
    return str(LIMITS.get(code, code))


@register.filter
def recovery_way(code: str) -> str:
    """Write a way to recover in words."""
    return str(WAYS.get(code, code))


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


@register.filter
def intent_name(code: str) -> str:
    """Write what a reply seems to say in words."""
    return str(INTENTS.get(code, code))
