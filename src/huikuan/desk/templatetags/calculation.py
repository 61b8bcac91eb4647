"""How a penalty was reckoned, line by line: drawn without a template, for a page shows hundreds of these lines."""

from collections.abc import Iterable

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huikuan.kernel.money import format_money
from huikuan.receivables.queries.account import ItemRow, Line

register = template.Library()


@register.simple_tag
def calculation(item: ItemRow) -> SafeString:
    """Draw the lines of the penalty of an item as a table; every text in it is escaped here."""
    language = get_language() or "en"
    parts = ['<table class="calculation"><thead><tr>', *_heads(), "</tr></thead><tbody>"]
    parts += (_row(line, item.currency, language) for line in item.lines)
    if item.fee_minor:
        parts.append(_whole(_("Fixed recovery cost"), format_money(item.fee_minor, item.currency, language)))
    return mark_safe("".join([*parts, "</tbody></table>"]))  # noqa: S308  escaped piece by piece


def _heads() -> Iterable[str]:
    named = (
        ("", _("Period")), ("number", _("Days")), ("money", _("On")), ("number", _("Rate per day")),
        ("money", _("Penalty")),
    )  # fmt: skip
    return (f'<th scope="col"{_class(tone)}>{escape(name)}</th>' for tone, name in named)


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _row(line: Line, currency: str, language: str) -> str:
    amount = format_money(line.amount_minor, currency, language)
    if line.is_cap:
        return _whole(_("Limited by the cap"), amount)
    if line.is_charged:
        return _whole(_("Charged as an item of its own"), amount)
    if line.is_waived:
        return _whole(_("Waived"), amount)
    base = "—" if line.base_minor is None else format_money(line.base_minor, currency, language)
    reference = f' <span class="meta">({escape(line.reference)})</span>' if line.reference else ""
    cells = (
        ("nowrap", escape(f"{line.first_on or '—'} – {line.last_on or '—'}")), ("number", str(line.days)),
        ("money", escape(base)), ("number", escape(line.rate) + reference), ("money", escape(amount)),
    )  # fmt: skip
    return f"<tr>{''.join(f'<td{_class(name)}>{cell}</td>' for name, cell in cells)}</tr>"


def _whole(words: str, amount: str) -> str:
    return f'<tr><td colspan="4">{escape(words)}</td><td class="money">{escape(amount)}</td></tr>'
