"""What the contact guard did not let pass, and the rules by which it decides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Count, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from huikuan.desk.access import Seat
from huikuan.desk.queries.paging import Order, Page, Place, page_of
from huikuan.kernel.zones import instant_at
from huikuan.outreach.models import Contact, ContactRefusal
from huikuan.parties.queries import visible_to
from huikuan.policy.queries import policy_in_force
from huikuan.policy.reading.guard import all_packs, packs_named
from huikuan.policy.rules.guard_pack import GuardPack, GuardRule, shown

NEWEST: Final = Order("at", down=True)
CHANNELS: Final = dict(Contact.Channel.choices)
SIZES: Final = {"PERSON": _("natural persons")}
BUSINESSES: Final = {"PROPERTY": _("property management"), "LEASING": _("leasing")}


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRow:
    """One contact that was not made."""

    pk: int
    at: datetime
    until: datetime | None
    customer_id: int
    customer: str
    person: str
    channel: str
    is_automatic: bool
    by: str
    is_delay: bool
    answer: str
    rule: str
    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalFilter:
    """What is listed: one rule, one customer, days of the entity, both included; None and "" for all."""

    rule: str = ""
    customer_id: int | None = None
    first_on: date | None = None
    last_on: date | None = None


def refusals(seat: Seat, wanted: RefusalFilter, place: Place) -> Page[RefusalRow]:
    """Return a page of what the guard stopped at customers that the user may see, newest first. One or two queries."""
    found = _found(seat, wanted).select_related("customer", "person", "entry__actor")
    if wanted.rule:
        found = found.filter(rule=wanted.rule)
    return page_of(found, NEWEST, place, read=_rows)


def counts_by_rule(seat: Seat, wanted: RefusalFilter) -> tuple[tuple[str, str, int], ...]:
    """Return (rule, its words, how many) for every rule that stopped something, the most frequent first. One query."""
    counted = _found(seat, wanted).order_by().values_list("rule").annotate(n=Count("pk"))
    words = rule_words()
    return tuple((code, words.get(code, code), n) for code, n in sorted(counted, key=lambda each: (-each[1], each[0])))


def rule_words() -> Mapping[str, str]:
    """Return every rule in words with the numbers of its pack, by code; the default pack before the others."""
    language = get_language() or "en"
    return {code: rule.in_words(language) for pack in reversed(_ordered()) for code, rule in pack.rules.items()}


def _ordered() -> list[GuardPack]:
    return sorted(all_packs(), key=lambda pack: (not pack.is_whole, pack.name))


def _found(seat: Seat, wanted: RefusalFilter) -> QuerySet[ContactRefusal]:
    mine = visible_to(seat.user).filter(entity=seat.entity)
    found = ContactRefusal.objects.filter(entity=seat.entity, customer__in=mine)
    if wanted.customer_id is not None:
        found = found.filter(customer_id=wanted.customer_id)
    zone = seat.entity.time_zone
    if wanted.first_on is not None:
        found = found.filter(at__gte=instant_at(wanted.first_on, datetime.min.time(), zone))
    if wanted.last_on is not None:
        found = found.filter(at__lte=instant_at(wanted.last_on, datetime.max.time(), zone))
    return found


def _rows(found: Sequence[ContactRefusal]) -> list[RefusalRow]:
    return [
        RefusalRow(
            pk=each.pk,
            at=each.at,
            until=each.until,
            customer_id=each.customer_id,
            customer=each.customer.name,
            person=each.person.name if each.person else "",
            channel=str(CHANNELS.get(each.channel, each.channel)),
            is_automatic=each.is_automatic,
            by=str(each.entry.actor) if each.entry.actor else "",
            is_delay=each.answer == ContactRefusal.Answer.DELAY,
            answer=each.get_answer_display(),
            rule=each.rule,
            text=each.text,
            source=each.source,
        )
        for each in found
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One rule of a pack as it applies to the entity."""

    code: str
    words: str
    source: str
    is_verified: bool
    channels: str
    warns: bool
    regions: str
    consent_lifts: bool
    tightened: tuple[tuple[str, str], ...]
    """(before, now) of every number that the policy tightened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRows:
    """A pack: for whom it applies, and its rules."""

    name: str
    title: str
    is_for_all: bool
    countries: str
    sizes: str
    businesses: str
    rules: tuple[RuleRow, ...]
    phrase_count: int


def packs_of(seat: Seat) -> tuple[PackRows, ...]:
    """Return every pack that may apply to a customer of the entity: the policy's own, then the others. One query."""
    in_force = policy_in_force(seat.entity.pk, seat.today)
    named = packs_named(None if in_force is None else in_force.policy.guard)
    names = {pack.name for pack in named}
    added = [pack for pack in all_packs() if not pack.is_whole and pack.name not in names]
    language = get_language() or "en"
    return (
        *(_pack(pack, language, is_for_all=True) for pack in named),
        *(_pack(pack, language, is_for_all=False) for pack in added),
    )


def _pack(pack: GuardPack, language: str, *, is_for_all: bool) -> PackRows:
    return PackRows(
        name=pack.name,
        title=pack.titled(language),
        is_for_all=is_for_all,
        countries=", ".join(sorted(pack.countries)),
        sizes=", ".join(str(SIZES.get(each, each)) for each in sorted(pack.sizes)),
        businesses=", ".join(str(BUSINESSES.get(each, each)) for each in sorted(pack.businesses)),
        rules=tuple(_rule(rule, language) for rule in pack.rules.values()),
        phrase_count=sum(len(words.phrases) for words in pack.words),
    )


def _rule(rule: GuardRule, language: str) -> RuleRow:
    return RuleRow(
        code=rule.code,
        words=rule.in_words(language),
        source=rule.source,
        is_verified=rule.is_verified,
        channels=", ".join(str(CHANNELS[each]) for each in CHANNELS if each in rule.channels),
        warns=rule.warns,
        regions=", ".join(sorted(rule.regions)),
        consent_lifts=rule.consent_lifts,
        tightened=tuple(_tightened(rule)),
    )


def _tightened(rule: GuardRule) -> Iterator[tuple[str, str]]:
    for number in rule.numbers.values():
        if number.tightened_from is not None:
            yield shown(number.tightened_from), shown(number.value)
