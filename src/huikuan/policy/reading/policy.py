"""Read a policy file: the one way from YAML text to a `Policy`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from huikuan.policy.reading.build import build
from huikuan.policy.reading.document import Document, load
from huikuan.policy.reading.flaws import Flaw
from huikuan.policy.reading.guard import guard_flaws
from huikuan.policy.reading.ladder_checks import ladder_flaws
from huikuan.policy.reading.merge import write_out
from huikuan.policy.reading.plan import plan_flaws
from huikuan.policy.reading.policy_checks import policy_flaws
from huikuan.policy.reading.shape import shape_flaws
from huikuan.policy.rules.schema import Policy

DEFAULT_PACK: Final = "cn_default"


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a file: the policy, or what is wrong with it. Never both, never neither."""

    policy: Policy | None
    flaws: tuple[Flaw, ...] = ()


def pack_text(name: str = DEFAULT_PACK) -> str:
    """Return the text of a shipped pack. Raises FileNotFoundError."""
    return files("huikuan.policy.packs").joinpath(f"{name}.yaml").read_text(encoding="utf-8")


@cache
def _defaults() -> Mapping[str, Any]:
    data: Mapping[str, Any] = load(pack_text()).data
    return data


RETIRED_KNOCK_OUTS: Final = frozenset({"blacklisted"})
"""Facts that a stored policy may still name: nobody ever had them, and no new policy may ask for them."""


def read_policy(text: str, *, is_stored: bool = False) -> Reading:
    """Read and check a policy file.

    Args:
        text: YAML.
        is_stored: It was accepted once and rules: what has been retired since is passed over, not refused.

    Parts that the file leaves out (aging, grade, risk, arrears, holds, plan, recovery, send, guard, priority,
    templates, scripts, review_every_days) are those of the default pack; ladders and segments are always its own.

    Returns: the policy, or every flaw that can be seen at once, in order of place: first what is no YAML, then what has
        the wrong shape, then what contradicts itself.
    """
    document = load(text)
    if is_stored:
        _pass_over_retired(document)
    flaws = document.flaws or shape_flaws(document, "policy")
    if flaws:
        return Reading(None, _ordered(flaws))
    ladders = write_out(document, found := [])
    part = _completed(document)
    found += [flaw for ladder in ladders.values() for flaw in ladder_flaws(ladder, document, part)]
    found += policy_flaws(document, part, ladders)
    found += plan_flaws(document)
    found += guard_flaws(document, part)
    if found:
        return Reading(None, _ordered(found))
    return Reading(build(document.data, _defaults(), ladders))


def _pass_over_retired(document: Document) -> None:
    grade = document.data.get("grade") if isinstance(document.data, dict) else None
    if isinstance(grade, dict) and isinstance(grade.get("knock_outs"), list):
        grade["knock_outs"] = [rule for rule in grade["knock_outs"] if rule.get("fact") not in RETIRED_KNOCK_OUTS]


def _completed(document: Document) -> dict[str, Any]:
    """Return the parts in force, each completed field by field from the default pack."""
    whole = dict(_defaults())
    for key, value in document.data.items():
        fills_in = key in {"risk", "arrears", "holds", "plan", "recovery", "send", "guard", "priority"}
        whole[key] = {**whole[key], **value} if fills_in else value
    return whole


def _ordered(flaws: list[Flaw]) -> tuple[Flaw, ...]:
    """Return the flaws by place, each once: a step inherited by several ladders is reported where it was written."""
    once = {(flaw.place, flaw.path, flaw.code): flaw for flaw in flaws}
    return tuple(sorted(once.values(), key=lambda flaw: flaw.place))


@cache
def default_policy() -> Policy:
    """Return the shipped default policy."""
    policy = read_policy(pack_text()).policy
    if policy is None:
        message = "the default pack has flaws: run huikuan policy validate on it"
        raise RuntimeError(message)
    return policy
