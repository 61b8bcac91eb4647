"""The parts `plan` and `recovery` of a policy file: what they mean, and the flaws that name line, field and remedy."""

import pytest

from huikuan.policy.reading.policy import default_policy, pack_text, read_policy

LEVELS = "  approvals:\n    - {up_to: 100000, roles: [manager]}\n    - {roles: [manager, finance]}\n"


def with_levels(text: str) -> str:
    return pack_text().replace(LEVELS, f"  approvals:\n{text}\n")


def test_the_default_pack_states_the_limits_of_the_domain():
    rules = default_policy().plan
    assert (rules.first_percent, rules.months_max, rules.parts_min, rules.waived_percent_max) == (30, 6, 2, 0)
    assert rules.first_minor(100_001) == 30_000
    assert rules.roles_for(10_000_000, "CNY") == ("MANAGER",)
    assert rules.roles_for(10_000_001, "CNY") == ("MANAGER", "FINANCE")


def test_a_level_counts_only_in_the_currencies_it_names():
    text = "    - {up_to: {CNY: 1000}, roles: [manager]}\n    - {roles: [finance]}"
    rules = read_policy(with_levels(text)).policy.plan
    assert rules.roles_for(100_000, "CNY") == ("MANAGER",)
    assert rules.roles_for(1, "USD") == ("FINANCE",)


def test_a_part_left_out_is_that_of_the_default_pack():
    text = pack_text().replace("  first_percent: 30 ", "  first_percent: 20 ").replace("  months_max: 6 ", "  #")
    rules = read_policy(text).policy.plan
    assert (rules.first_percent, rules.months_max) == (20, 6)


@pytest.mark.parametrize(
    ("levels", "code", "field"),
    [
        ("    - {roles: [manager]}\n    - {roles: [finance]}", "plan.level-end-early", "plan.approvals[0]"),
        ("    - {up_to: 5, roles: [manager]}", "plan.level-open-end", "plan.approvals[0].up_to"),
        (
            "    - {up_to: 5, roles: [manager]}\n    - {up_to: 5, roles: [finance]}\n    - {roles: [finance]}",
            "plan.levels-not-ascending",
            "plan.approvals[1].up_to",
        ),
        ("    - {roles: [boss]}", "value.unknown", "plan.approvals[0].roles[0]"),
        ("    - {up_to: {XYQ: 5}, roles: [manager]}\n    - {roles: [finance]}", "amount.currency",
         "plan.approvals[0].up_to.XYQ"),
    ],
)  # fmt: skip
def test_a_flaw_names_its_place(levels, code, field):
    reading = read_policy(with_levels(levels))
    assert reading.policy is None
    line = with_levels(levels).split("\n").index("  approvals:") + 1
    assert [(flaw.code, flaw.field) for flaw in reading.flaws] == [(code, field)]
    assert line < reading.flaws[0].place[0] <= line + 3


def test_bands_of_the_comparison_end_open():
    text = pack_text().replace("[365, 55], [null, 35]]\n  offer_days", "[365, 55]]\n  offer_days")
    assert [flaw.code for flaw in read_policy(text).flaws] == ["band.open-end"]
