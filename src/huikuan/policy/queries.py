"""Reads of the policy module: the policy in force on a day, its versions, and the holds as a frame."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl
from django.db.models import OuterRef, Q, QuerySet, Subquery

from huikuan.policy.models import Hold, PolicyVersion
from huikuan.policy.reading.guard import packs_named
from huikuan.policy.reading.policy import read_policy
from huikuan.policy.rules.guard_pack import GuardPack
from huikuan.policy.rules.schema import Policy

HOLD_SCHEMA = {
    "customer_id": pl.Int64,
    "item_id": pl.Int64,
    "kind": pl.String,
    "amount_minor": pl.Int64,
    "starts_on": pl.Date,
    "ends_on": pl.Date,
}


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """A version and what it says."""

    version: PolicyVersion
    policy: Policy


def versions_of(entity_id: int) -> QuerySet[PolicyVersion]:
    """Return the entity's versions, the newest first."""
    return PolicyVersion.objects.filter(entity_id=entity_id).order_by("-number")


def policy_in_force(entity_id: int, day: date) -> PolicyInForce | None:
    """Return the version that rules the entity on that day, read; None when it has none (nobody is contacted).

    It is the one that starts last among those that have started; of two that start on one day, the newer.
    """
    version = (
        PolicyVersion.objects.filter(entity_id=entity_id, starts_on__lte=day).order_by("-starts_on", "-number").first()
    )
    return None if version is None else PolicyInForce(version, policy_of(version))


def in_force_beside(day: date) -> Subquery:
    """Return the content hash of the policy in force for a row's entity: beside the row, no query (`policy_known`)."""
    started = PolicyVersion.objects.filter(entity=OuterRef("entity_id"), starts_on__lte=day)
    return Subquery(started.order_by("-starts_on", "-number").values("sha256")[:1])


def policy_known(sha256: str | None) -> Policy | None:
    """Return the policy with this content, None for none. One query the first time, none in this process after that."""
    return None if sha256 is None else _with_content(sha256)


@lru_cache(maxsize=64)
def _with_content(sha256: str) -> Policy:
    return policy_of(PolicyVersion.objects.filter(sha256=sha256)[0])


def policy_of(version: PolicyVersion) -> Policy:
    """Return what a stored version says; read once per process and content.

    Raises: ValueError when a stored version no longer reads: the program changed in a way that it must not.
    """
    return _read(version.sha256, version.source)


@lru_cache(maxsize=64)
def _read(sha256: str, source: str) -> Policy:
    reading = read_policy(source, is_stored=True)
    if reading.policy is None:
        message = f"the stored policy {sha256} has flaws: {reading.flaws[0]}"
        raise ValueError(message)
    return reading.policy


def running_holds(customer_id: int, day: date) -> QuerySet[Hold]:
    """Return the holds of one customer that hold on that day, customer-wide first."""
    return holds_running([customer_id], day)


def holds_running(customer_ids: Iterable[int], day: date) -> QuerySet[Hold]:
    """Return the holds of several customers that hold on that day, customer-wide first."""
    return (
        Hold.objects.filter(customer_id__in=customer_ids, starts_on__lte=day, ends_on__gte=day)
        .filter(Q(released_on=None) | Q(released_on__gt=day))
        .order_by("item_id", "ends_on")
    )


def standing_by_hand(customer_id: int, first: date, last: date, *, item_id: int | None) -> QuerySet[Hold]:
    """Return the pauses by hand of a customer (of one item; None: of everything) that hold on a day in between."""
    return (
        Hold.objects.filter(customer_id=customer_id, item_id=item_id, kind=Hold.Kind.MANUAL)
        .filter(Q(released_on=None) | Q(released_on__gt=first), starts_on__lte=last, ends_on__gte=first)
        .order_by("pk")
    )


def holds_frame(
    *, entity_id: int, as_of: date, customer_ids: Iterable[int] | None = None, stops_clock: frozenset[str] = frozenset()
) -> pl.DataFrame:
    """Return the holds of an entity for `rules.holds`: those that hold on the day, and past ones that stopped a clock.

    Args:
        entity_id: The entity.
        as_of: The day. A hold placed later but dated back counts: what was agreed is what holds.
        customer_ids: Only these; None: all.
        stops_clock: Kinds whose past holds are needed as well (`rules.compile.stopping_kinds`).

    Returns: HOLD_SCHEMA; ends_on is the last day it really holds. One that was released before it began is absent.
    """
    wanted = Hold.objects.filter(customer__entity_id=entity_id, starts_on__lte=as_of)
    wanted = wanted.filter(Q(ends_on__gte=as_of) | Q(kind__in=sorted(stops_clock)))
    if customer_ids is not None:
        wanted = wanted.filter(customer_id__in=list(customer_ids))
    columns = ["customer_id", "item_id", "kind", "amount_minor", "starts_on", "ends_on", "released_on"]
    rows = wanted.order_by("pk").values_list(*columns)
    frame = pl.DataFrame(list(rows), schema={**HOLD_SCHEMA, "released_on": pl.Date}, orient="row")
    return (
        frame.with_columns(
            ends_on=pl.min_horizontal("ends_on", pl.col("released_on").dt.offset_by("-1d")),
        )
        .filter(
            (pl.col("ends_on") >= pl.col("starts_on"))
            & ((pl.col("ends_on") >= as_of) | pl.col("kind").is_in(sorted(stops_clock)))
        )
        .select(*HOLD_SCHEMA)
    )


def guard_of(policy: Policy) -> GuardPack:
    """Return the contact guard's rules as the policy tightens them."""
    return packs_named(policy.guard)[0]
