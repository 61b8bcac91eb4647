"""The reference of the policy file names every field and choice, and its examples are right."""

import re
from pathlib import Path

import pytest

from huikuan.policy.reading.guard import guard_pack
from huikuan.policy.reading.policy import read_policy
from huikuan.policy.reading.shape import schema

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGES = [DOCS / "en" / "policy.md", DOCS / "zh-Hans" / "policy.md"]
GRADES = {"A", "B", "C", "N"}
OF_OTHERS = {"SALE", "LEASE", "FINANCIAL_LEASE", "PROPERTY", "SERVICE", "WORKS", "LEASING", "INVOICE", "DEBIT_NOTE"} | {
    "RENT", "PROPERTY_FEE", "MICRO", "SMALL", "MEDIUM", "LARGE", "PUBLIC", "PERSON",
}  # fmt: skip
"""Choices that belong to contracts, items and customers, and are explained there."""


def words_of(part) -> set[str]:
    """Return every field and choice that a schema knows."""
    if isinstance(part, list):
        return set().union(*map(words_of, part)) if part else set()
    if not isinstance(part, dict):
        return set()
    found = {each for each in part.get("enum", []) if isinstance(each, str)}
    for key, value in part.items():
        if key == "properties":
            found |= set(value)
        found |= words_of(value)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_every_field_is_in_the_reference(page):
    text = page.read_text(encoding="utf-8")
    written = {word for code in re.findall(r"`([^`\n]+)`", text) for word in re.findall(r"\w+", code)}
    missing = words_of(schema("policy")) - written - GRADES - OF_OTHERS
    assert not missing, f"explain in {page.name}: {sorted(missing)}"
    assert not set(guard_pack("guard_cn_default").rules) - written


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_the_examples_are_right(page):
    examples = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        assert read_policy(example).flaws == ()
