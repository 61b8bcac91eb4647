"""Versions of the policy: checked, numbered, in force from a day, never into the past."""

from datetime import date, timedelta

import pytest

from huikuan.journal.models import Entry
from huikuan.policy.commands import PolicyBackDated, PolicyHasFlaws, PolicyUnchanged, install_default, upload_version
from huikuan.policy.models import PolicyVersion
from huikuan.policy.queries import guard_of, policy_in_force, policy_of, versions_of
from huikuan.policy.reading.policy import default_policy, pack_text
from tests.people import NOON, TODAY

SECOND = pack_text().replace("high_risk_days: 30", "high_risk_days: 45")


def upload(entity, source, *, starts_on=TODAY, last_run_on=None, actor=None, note=""):
    return upload_version(
        entity_id=entity.pk,
        source=source,
        starts_on=starts_on,
        last_run_on=last_run_on,
        actor=actor,
        now=NOON,
        note=note,
    )


def test_the_first_version_of_a_new_entity_is_the_default_pack(huatai, jinxiu):
    version = install_default(entity_id=huatai.pk, starts_on=TODAY, now=NOON)
    assert (version.number, version.name) == (1, "cn-default")
    assert policy_of(version) == default_policy()
    assert install_default(entity_id=huatai.pk, starts_on=TODAY, now=NOON) == version
    assert not versions_of(jinxiu.pk).exists()
    entry = Entry.objects.get(event="policy.version-uploaded")
    assert (entry.entity_id, entry.facts["number"]) == (huatai.pk, 1)


def test_each_day_has_the_version_that_began_last(huatai, jinxiu):
    assert policy_in_force(huatai.pk, TODAY) is None
    first = upload(huatai, pack_text(), starts_on=TODAY)
    second = upload(huatai, SECOND, starts_on=TODAY + timedelta(10))
    third = upload(huatai, SECOND + "# again\n", starts_on=TODAY + timedelta(10))
    upload(jinxiu, pack_text(), starts_on=date(2020, 1, 1))
    assert [each.number for each in (first, second, third)] == [1, 2, 3]
    in_force = {offset: policy_in_force(huatai.pk, TODAY + timedelta(offset)) for offset in (-1, 0, 9, 10, 400)}
    assert in_force[-1] is None
    assert {offset: found.version.number for offset, found in in_force.items() if found} == {0: 1, 9: 1, 10: 3, 400: 3}
    assert (in_force[9].policy.risk.high_risk_days, in_force[10].policy.risk.high_risk_days) == (30, 45)


def test_a_file_with_flaws_is_refused_with_every_flaw_and_stores_nothing(huatai, owner):
    broken = pack_text().replace("days_overdue: 20", "days_overdu: 20").replace("kind: VISIT", "kind: VISITS")
    with pytest.raises(PolicyHasFlaws) as caught:
        upload(huatai, broken, actor=owner)
    answer = caught.value.as_dict()
    assert [flaw["code"] for flaw in answer["flaws"]] == ["field.unknown", "value.unknown"]
    assert all(flaw["line"] and flaw["field"] and flaw["message"] for flaw in answer["flaws"])
    assert not PolicyVersion.objects.exists()
    assert not Entry.objects.exists()


def test_no_version_reaches_back_before_a_day_that_was_run(huatai):
    upload(huatai, pack_text(), starts_on=TODAY)
    with pytest.raises(PolicyBackDated, match=str(TODAY + timedelta(1))):
        upload(huatai, SECOND, starts_on=TODAY, last_run_on=TODAY)
    assert versions_of(huatai.pk).count() == 1
    assert upload(huatai, SECOND, starts_on=TODAY + timedelta(1), last_run_on=TODAY).number == 2


def test_the_same_text_again_is_no_new_version(huatai):
    upload(huatai, pack_text())
    with pytest.raises(PolicyUnchanged):
        upload(huatai, pack_text(), starts_on=TODAY + timedelta(3))
    assert versions_of(huatai.pk).count() == 1


def test_who_uploaded_what_and_why_stays(huatai, owner):
    version = upload(huatai, pack_text(), actor=owner, note="First try")
    assert (version.uploaded_by, version.note, version.uploaded_at) == (owner, "First try", NOON)
    assert len(version.sha256) == 64
    assert Entry.objects.get(event="policy.version-uploaded").actor_id == owner.pk


def test_the_guard_of_a_policy_is_the_pack_as_tightened(huatai):
    tight = pack_text().replace("tighten: {}", "tighten: {dials_per_day: {limit: 2}, quiet_hours: {from: 21:00}}")
    guard = guard_of(policy_of(upload(huatai, tight)))
    assert guard.rules["dials_per_day"].whole("limit") == 2
    assert guard.rules["quiet_hours"].clock("from").hour == 21
    assert guard.rules["connected_calls_per_day"].whole("limit") == 3


def test_a_stored_version_that_no_longer_reads_is_a_bug_not_an_answer(huatai):
    version = upload(huatai, pack_text())
    version.source, version.sha256 = "format: 9", "0" * 64
    with pytest.raises(ValueError, match="flaws"):
        policy_of(version)
