"""Texts from draft to use: checked, approved by somebody else, chosen for the right customer, taken back."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from huikuan.credit.models import Grade
from huikuan.journal.models import Entry
from huikuan.kernel.days import add_months
from huikuan.outreach.commands import templates as commands
from huikuan.outreach.commands.templates import Place, approve_text, draft_text, return_text, use_shipped, use_text
from huikuan.outreach.commands.writing import send_words
from huikuan.outreach.models import Delivery, TemplateVerdict, TemplateVersion
from huikuan.outreach.ports import Draft
from huikuan.outreach.queries.scripts import script_for
from huikuan.outreach.queries.texts import text_for
from huikuan.outreach.rules.choice import Variant
from huikuan.outreach.templates import TemplateUnknown, shipped
from huikuan.receivables.commands.items import book_item
from huikuan.runs.compose import NoticeComposer
from tests.people import NOON, TODAY
from tests.tables import rows

pytestmark = pytest.mark.django_db

FRIENDLY = Place("friendly", "EMAIL", "zh-hans", Variant("FRIENDLY"))
SHIPPED = shipped("friendly", "EMAIL", "zh-hans")[0]
OURS = SHIPPED.body.replace("您好！", "您好，打扰了！")


@pytest.fixture
def draft(huatai, colleague):
    """Draft a friendly reminder of Huatai's own; the colleague writes it."""

    def drafted(body=OURS, place=FRIENDLY, actor=colleague, subject=SHIPPED.subject):
        return draft_text(entity_id=huatai.pk, place=place, subject=subject, body=body, actor=actor, now=NOON)

    return drafted


def chosen(customer, **changes):
    return text_for(**{
        "customer": customer, "kind": "friendly", "channel": "EMAIL", "language": "zh-hans", "as_of": TODAY, **changes,
    })  # fmt: skip


def test_a_draft_is_not_used_until_somebody_else_approves_it(draft, tianhe, administrator):
    version = draft()
    assert chosen(tianhe).number == 0
    approve_text(version_id=version.pk, actor=administrator, now=NOON)
    text = chosen(tianhe)
    assert (text.number, text.body) == (1, OURS)
    assert text.facts == {"template": "friendly", "template_place": "friendly/EMAIL/zh-hans/FRIENDLY",
                          "template_version": 1}  # fmt: skip
    assert Entry.objects.filter(event__startswith="outreach.text-").count() == 2


def test_whoever_wrote_a_text_cannot_approve_it(draft, tianhe, colleague):
    version = draft()
    with pytest.raises(commands.OwnDraft):
        approve_text(version_id=version.pk, actor=colleague, now=NOON)
    with pytest.raises(commands.OwnDraft):
        return_text(version_id=version.pk, reason="x", actor=colleague, now=NOON)
    assert not TemplateVerdict.objects.exists()
    assert chosen(tianhe).number == 0
    with pytest.raises(DatabaseError), transaction.atomic():
        TemplateVerdict.objects.create(
            version=version, is_approved=True, drafted_by=colleague, judged_by=colleague, judged_at=NOON
        )


def test_a_returned_draft_is_never_used_and_judged_only_once(draft, tianhe, administrator):
    version = draft()
    return_text(version_id=version.pk, reason="太随意", actor=administrator, now=NOON)
    with pytest.raises(commands.AlreadyJudged, match="周宁"):
        approve_text(version_id=version.pk, actor=administrator, now=NOON)
    with pytest.raises(commands.NotApproved):
        use_text(version_id=version.pk, actor=administrator, now=NOON)
    assert chosen(tianhe).number == 0


def test_undo_is_taking_up_an_older_version_or_the_shipped_one(draft, tianhe, administrator):
    first = approve_text(version_id=draft().pk, actor=administrator, now=NOON)
    approve_text(version_id=draft(OURS.replace("打扰了", "又打扰了")).pk, actor=administrator, now=NOON)
    assert chosen(tianhe).number == 2
    use_text(version_id=first.pk, actor=administrator, now=NOON)
    assert chosen(tianhe).number == 1
    with pytest.raises(commands.AlreadyInUse):
        use_text(version_id=first.pk, actor=administrator, now=NOON)
    use_shipped(slot_id=first.slot_id, actor=administrator, now=NOON)
    assert chosen(tianhe).number == 0
    with pytest.raises(commands.AlreadyInUse):
        use_shipped(slot_id=first.slot_id, actor=administrator, now=NOON)


def test_a_version_and_its_verdict_never_change(draft, administrator):
    version = approve_text(version_id=draft().pk, actor=administrator, now=NOON)
    for row in (version, version.verdict):
        with pytest.raises(DatabaseError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(note="x")
        with pytest.raises(DatabaseError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).delete()


def test_the_same_text_again_is_refused(draft):
    draft()
    with pytest.raises(commands.TextUnchanged, match="version 1"):
        draft()


@pytest.mark.parametrize(
    ("change", "line", "remedy"),
    [
        (("{amount_due}", "{amount_dew}"), 8, "{amount_due}"),
        (("{items}\n", "单据：{items}\n"), 6, "stands alone"),
        (("{clause}", "合同"), None, "{clause}"),
        (("{penalty_lines}", ""), None, "{penalty_lines}"),
        (("{bank_account}\n在线付款：{payment_url}", "面谈"), None, "{bank_account} / {payment_url}"),
        (("想必是一时疏忽", "后果自负"), 5, "依法主张权利"),
        (("想必是一时疏忽", "你们这些老 赖"), None, "金额、到期日"),
        (("想必是一时疏忽", "否则将提起诉讼"), 5, "{announced}"),
        (("{today}", "{today!r}"), 5, "brace"),
    ],
)
def test_what_is_wrong_is_refused_with_place_and_remedy(draft, change, line, remedy):
    with pytest.raises(commands.TextHasFlaws) as refusal:
        draft(SHIPPED.body.replace(*change))
    flaw = refusal.value.flaws[0]
    assert (flaw.line, remedy in flaw.message) == (line, True), flaw.message
    assert not TemplateVersion.objects.exists()


def test_a_subject_is_checked_too(draft):
    with pytest.raises(commands.TextHasFlaws) as refusal:
        draft(subject="{items} {nothing}")
    assert [flaw.line for flaw in refusal.value.flaws] == [0, 0]


def test_a_chinese_text_message_needs_its_signature(draft):
    place = replace(FRIENDLY, channel="SMS")
    body = shipped("friendly", "SMS", "zh-hans")[0].body
    with pytest.raises(commands.TextHasFlaws, match="signature"):
        draft(body.removeprefix("【{entity_name}】"), place, subject="")
    assert draft(f"{body}\n谢谢。", place, subject="").number == 1


@pytest.mark.parametrize(
    ("place", "name"), [(replace(FRIENDLY, kind="threat"), "threat"), (replace(FRIENDLY, language="xx"), "xx"),
                        (replace(FRIENDLY, kind="text"), "text"), (replace(FRIENDLY, channel="PHONE"), "friendly")]
)  # fmt: skip
def test_a_place_that_does_not_exist_is_refused(draft, place, name):
    with pytest.raises(TemplateUnknown, match=name):
        draft(place=place)


CHOICES = rows("""
    industry | grade | years | chosen
             |       |     0 | general
    制造业     |       |     0 | industry
    制造业     | A     |     0 | industry and grade
    贸易      | A     |     0 | grade
             |       |     3 | long-term
    制造业     | A     |     3 | industry and grade
    制造业     |       |     3 | long-term
             | C     |     9 | general
""")  # fmt: skip
VARIANTS = {
    "general": Variant("FRIENDLY"),
    "industry": Variant("FRIENDLY", industry="制造业"),
    "grade": Variant("FRIENDLY", grade="A"),
    "industry and grade": Variant("FRIENDLY", industry="制造业", grade="A"),
    "other tone": Variant("LEGAL", industry="制造业", grade="A", is_long_term=True),
}


@pytest.mark.parametrize("case", CHOICES.rows(named=True), ids=lambda case: case["chosen"])
def test_the_most_specific_text_is_chosen(draft, tianhe, administrator, case):
    for name, variant in VARIANTS.items():
        version = draft(f"{OURS}\n{name}", replace(FRIENDLY, variant=variant))
        approve_text(version_id=version.pk, actor=administrator, now=NOON)
    tianhe.industry = case["industry"] or ""
    tianhe.business_since = add_months(TODAY, -12 * int(case["years"]))
    if case["grade"]:
        Grade.objects.create(customer=tianhe, letter=case["grade"], score=50, begun_on=date(2026, 1, 1), explanation={})
    text = chosen(tianhe)
    if case["chosen"] == "long-term":
        assert (text.number, text.variant.is_long_term) == (0, True), "the shipped one: nobody wrote his own"
    else:
        assert text.body.splitlines()[-1] == case["chosen"]


def test_a_tone_that_is_asked_for_is_taken_where_somebody_wrote_it(draft, tianhe, administrator):
    assert chosen(tianhe, tone="LEGAL").variant.tone == "FRIENDLY"
    place = replace(FRIENDLY, variant=Variant("LEGAL"))
    approve_text(version_id=draft(place=place).pk, actor=administrator, now=NOON)
    assert chosen(tianhe, tone="LEGAL").variant.tone == "LEGAL"
    assert chosen(tianhe).variant.tone == "FRIENDLY"


def test_the_text_of_another_entity_is_never_used(draft, administrator, yunfeng):
    approve_text(version_id=draft().pk, actor=administrator, now=NOON)
    assert chosen(yunfeng).number == 0


def test_what_leaves_keeps_which_text_it_was(draft, queue_one, tianhe, administrator, finance):
    from huikuan.policy.commands import install_default  # noqa: PLC0415

    install_default(entity_id=tianhe.entity_id, starts_on=date(2020, 1, 1), now=NOON)
    book_item(
        customer_id=tianhe.pk, number="INV-1", amount_minor=12345, issued_on=date(2026, 6, 1), due_on=date(2026, 7, 1),
        actor=finance, now=NOON,
    )  # fmt: skip
    approve_text(version_id=draft().pk, actor=administrator, now=NOON)
    delivery = Delivery.objects.select_related("customer", "entity", "person").get(pk=queue_one(tianhe).pk)
    draft_left = NoticeComposer().compose(delivery, NOON)
    assert isinstance(draft_left, Draft)
    assert "打扰了" in draft_left.text
    assert draft_left.facts["template_version"] == 1
    delivery.channel = "SMS"
    short = NoticeComposer().compose(delivery, NOON)
    assert short.text.startswith("【华泰建材有限公司】")
    assert "¥123.45" in short.text
    assert short.html == ""


def test_words_written_by_hand_are_checked_kept_and_filled_when_they_leave(tianhe, owner, finance):
    book_item(
        customer_id=tianhe.pk, number="INV-1", amount_minor=12345, issued_on=date(2026, 6, 1), due_on=date(2026, 7, 1),
        actor=finance, now=NOON,
    )  # fmt: skip
    words = {
        "customer_id": tianhe.pk,
        "channel": "EMAIL",
        "currency": "CNY",
        "not_before": NOON,
        "actor": owner,
        "now": NOON,
    }
    with pytest.raises(commands.TextHasFlaws, match="老赖"):
        send_words(subject="您好", body="老赖", **words)
    assert not Delivery.objects.exists()
    delivery = send_words(
        subject="关于 {item_numbers}", body="{salutation}：\n如电话所述，{amount} 请查收。\n{items}", **words
    )
    draft_left = NoticeComposer().compose(
        Delivery.objects.select_related("customer", "entity", "person").get(pk=delivery.pk), NOON
    )
    assert draft_left.subject == "关于 INV-1"
    assert "如电话所述，¥123.45 请查收。" in draft_left.text
    assert draft_left.html.count("<table") == 1


def test_a_hostile_name_prints_literally(tianhe, owner, finance):
    tianhe.name = '<img src=x onerror=alert(1)>{items}"&'
    tianhe.save()
    delivery = send_words(
        customer_id=tianhe.pk, subject="致 {customer_name}", body="{customer_name}\n谢谢。", channel="EMAIL",
        currency="CNY",
        not_before=NOON, actor=owner, now=NOON,
    )  # fmt: skip
    left = NoticeComposer().compose(
        Delivery.objects.select_related("customer", "entity", "person").get(pk=delivery.pk), NOON
    )
    assert left.text.startswith(tianhe.name)
    assert "<img" not in left.html
    assert "&lt;img src=x onerror=alert(1)&gt;{items}&quot;&amp;" in left.html


def test_a_script_of_ones_own_replaces_the_shipped_one(draft, tianhe, administrator):
    body = shipped("first_call", "PHONE", "zh-hans")[0].body
    place = Place("first_call", "PHONE", "zh-hans", Variant("FRIENDLY"))
    with pytest.raises(commands.TextHasFlaws, match="no part"):
        draft(body.replace("[closing]", "[ending]").replace("[ending]", ""), place, subject="")
    approve_text(
        version_id=draft(body.replace("谢谢您。", "谢谢您，再见。"), place, subject="").pk,
        actor=administrator,
        now=NOON,
    )
    ours = script_for("first_call", "zh-hans", customer=tianhe, as_of=TODAY)
    assert "再见" in ours.parts["closing"][-1]
    assert "再见" not in script_for("first_call", "zh-hans").parts["closing"][-1]
