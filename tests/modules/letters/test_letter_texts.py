"""Texts of letters of one's own: written, approved, tried on a real case, sent; and the lawyer's letter."""

import subprocess

import pytest
from django.urls import reverse

from huikuan.documents.docx import letter_docx
from huikuan.outreach.commands.letters import NUMBER_PLACE, pdf_of
from huikuan.outreach.commands.templates import Place, TextHasFlaws, approve_text, draft_text, use_shipped
from huikuan.outreach.models import Letter
from huikuan.outreach.queries.texts import letter_for
from huikuan.outreach.rules.choice import Variant
from huikuan.outreach.rules.template import template_of
from huikuan.outreach.templates import shipped
from huikuan.parties.commands.letterhead import set_seal
from huikuan.runs.queries.texts import preview_text
from tests.modules.letters.conftest import a_seal
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db
DEMAND = Place("demand", "LETTER", "zh-hans", Variant("LEGAL"))
SHIPPED = shipped("demand", "LETTER", "zh-hans")[0]
OURS = SHIPPED.body.replace("现正式函告贵司付清下列款项", "兹正式函请贵司付清下列款项")


@pytest.fixture
def approved(huatai, colleague, administrator):
    version = draft_text(
        entity_id=huatai.pk, place=DEMAND, subject="付款催告函", body=OURS, actor=administrator, now=NOON
    )  # fmt: skip
    return approve_text(version_id=version.pk, actor=colleague, now=NOON)


def printed(letter, tmp_path) -> str:
    place = tmp_path / f"{letter.number}.pdf"
    place.write_bytes(pdf_of(letter))
    done = subprocess.run(["pdftotext", "-layout", place, "-"], capture_output=True, text=True, check=True)
    return "".join(done.stdout.split())


def test_an_approved_text_is_the_one_that_letters_have(write, huatai, approved, administrator, tmp_path):
    letter = write()
    text = printed(letter, tmp_path)
    assert "付款催告函" in text
    assert "兹正式函请贵司" in text
    assert "《付款催告函》" in text, "the slip names the letter"
    assert letter.facts["template_version"] == 1
    use_shipped(slot_id=approved.slot_id, actor=administrator, now=NOON)
    again = letter_for(customer=letter.customer, name="demand", language="zh-hans", as_of=TODAY)
    assert again.facts["template_version"] == 0
    assert again.sha256 != letter.template_sha256


def test_a_letter_without_its_places_or_with_a_threat_is_not_stored(huatai, administrator):
    for body in (OURS.replace("[sums]\n", ""), OURS.replace("特此函告", "否则将起诉贵司")):
        with pytest.raises(TextHasFlaws):
            draft_text(
                entity_id=huatai.pk, place=DEMAND, subject="催款函", body=body, actor=administrator, now=NOON
            )  # fmt: skip


def test_a_draft_is_tried_on_a_real_case_as_page_and_as_pdf(indebted, client, colleague):
    template = template_of("demand", "zh-hans", "付款催告函", OURS, channel="LETTER")
    shown = preview_text(customer=indebted, template=template, currency="CNY", now=NOON)
    said = str(shown.blocks)
    assert shown.subject == "付款催告函"
    assert NUMBER_PLACE not in said
    for words in ("兹正式函请贵司", "INV-1", "¥148,190.00", "付款与联系方式", "华泰建材有限公司"):
        assert words in said
    client.force_login(colleague)
    page = reverse("desk:text-edit", args=["demand", "LETTER", "zh-hans"])
    data = {"subject": "付款催告函", "body": OURS, "tone": "LEGAL", "customer": indebted.code}
    drawn = client.post(page, {**data, "act": "draw"})
    assert (drawn["Content-Type"], drawn.content[:5]) == ("application/pdf", b"%PDF-")
    assert "INV-1" in client.post(page, {**data, "act": "preview"}).content.decode()
    nobody = client.post(page, {**data, "act": "draw", "customer": "NOBODY"})
    assert nobody["Content-Type"].startswith("text/html")
    assert "INV-1" not in nobody.content.decode()
    assert not Letter.objects.exists()
    overview = client.get(reverse("desk:texts"), {"channel": "LETTER"}).content.decode()
    assert overview.count("/LETTER/") >= 6


def test_the_preview_says_why_there_is_no_letter(binhai, letterhead):
    template = template_of("demand", "zh-hans", "催款函", OURS, channel="LETTER")
    assert preview_text(customer=binhai, template=template, currency="CNY", now=NOON).why_not == "NOTHING_OWED"


@pytest.mark.parametrize(
    ("language", "stated", "never"),
    [
        (
            "zh-hans",
            ("律师函", "华泰建材有限公司（下称“委托人”）委托本所", "INV-2", "¥148,190.00", "2026年7月17日（含当日）",
             "通过委托处理、调解、仲裁或诉讼等方式主张债权", "律师事务所（盖章）"),
            ("失信", "黑名单", "拘留", "回执", "上海市世纪大道"),
        ),
        (
            "en",
            ("Lawyer'sletter", "Huatai", "INV-2", "17July2026,thatdayincluded", "courtproceedings",
             "Lawfirm(stamp),lawyer(signature)"),
            ("blacklist", "Acknowledgment"),
        ),
    ],
)  # fmt: skip
def test_the_lawyers_letter_is_prepared_for_the_firm(write, huatai, finance, tmp_path, language, stated, never):
    set_seal(entity_id=huatai.pk, content=a_seal(), name="seal.png", actor=finance, now=NOON)
    letter = write("lawyers_letter", language=language)
    text = printed(letter, tmp_path).replace("’", "'")
    for words in stated:
        assert words in text, words
    for words in never:
        assert words not in text, words
    assert (letter.step_code, letter.data["seal"]) == ("lawyers_letter", "")
    assert letter.data["letterhead"]["name"] != huatai.name
    assert letter_docx(letter.data, language=language)[:2] == b"PK"
