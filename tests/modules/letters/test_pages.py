"""The pages of letters: made, previewed, posted, proved; the letterhead; and nothing for the outsider."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation

from huikuan.documents.docx import letter_docx
from huikuan.journal.models import StoredFile
from huikuan.outreach import ports
from huikuan.outreach.fakes import FakeGuard
from huikuan.outreach.models import Letter
from tests.modules.letters.conftest import a_seal

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(client, owner, indebted, monkeypatch):
    monkeypatch.setattr(ports, "guard", FakeGuard)
    client.force_login(owner)
    return client


@pytest.fixture
def made(asked, indebted):
    data = {"template": "demand", "language": "zh-hans", "currency": "CNY", "address": indebted.address}
    answer = asked.post(reverse("desk:letter-make", args=[indebted.pk]), data)
    assert answer.status_code == 303
    return Letter.objects.get()


def page(client, name, *args):
    return client.get(reverse(f"desk:{name}", args=args))


def test_a_letter_is_previewed_and_then_made(asked, indebted):
    data = {"template": "demand", "language": "en", "currency": "CNY", "address": "New Street 1"}
    draft = asked.post(reverse("desk:letter-make", args=[indebted.pk]), data | {"preview": "1"})
    assert draft["Content-Type"] == "application/pdf"
    assert not Letter.objects.exists()
    asked.post(reverse("desk:letter-make", args=[indebted.pk]), data)
    letter = Letter.objects.get()
    assert letter.address == "New Street 1"
    assert letter.number in page(asked, "customer-letters", indebted.pk).content.decode()
    assert page(asked, "letter-pdf", letter.pk).content.startswith(b"%PDF")
    assert page(asked, "letter-docx", letter.pk).content.startswith(b"PK")


def test_posting_news_and_receipt_on_the_page(asked, made):
    now = timezone.localtime()
    at = f"{now:%Y-%m-%dT%H:%M}"
    data = {"carrier": "EMS", "tracking_number": "", "at": at}
    assert asked.post(reverse("desk:letter-post", args=[made.pk]), data).status_code == 409
    data["tracking_number"] = "EA123"
    assert asked.post(reverse("desk:letter-post", args=[made.pk]), data).status_code == 303
    receipt = {"file": SimpleUploadedFile("r.exe", b"MZ\x90\x00", "image/jpeg")}
    assert asked.post(reverse("desk:letter-receipt", args=[made.pk]), receipt).status_code == 409
    receipt = {"file": SimpleUploadedFile("r.jpg", b"\xff\xd8\xff\xe0", "image/jpeg")}
    assert asked.post(reverse("desk:letter-receipt", args=[made.pk]), receipt).status_code == 303
    stored = StoredFile.objects.get(kind="RECEIPT")
    shown = page(asked, "letter-file", made.pk, stored.pk)
    assert (shown.content, shown["Content-Type"]) == (b"\xff\xd8\xff\xe0", "image/jpeg")
    late = {"state": "SIGNED", "signed_by": "Liu", "at": f"{now + timedelta(days=1):%Y-%m-%dT%H:%M}"}
    assert asked.post(reverse("desk:letter-news", args=[made.pk]), late).status_code == 409
    assert asked.post(reverse("desk:letter-news", args=[made.pk]), late | {"at": at}).status_code == 303
    assert "Liu" in page(asked, "letter", made.pk).content.decode()


def test_the_list_and_the_carriers_file(asked, made, outsider, client):
    assert made.number in page(asked, "letters").content.decode()
    sheet = {"file": SimpleUploadedFile("ems.csv", b"tracking,status,date\nEA9,refused,2026-07-12\n", "text/csv")}
    answer = asked.post(reverse("desk:letters-carrier-list"), sheet)
    assert "EA9" in answer.content.decode()
    assert page(asked, "letters-print").content.startswith(b"%PDF")
    client.force_login(outsider)
    assert made.number not in page(client, "letters").content.decode()
    assert page(client, "letter-pdf", made.pk).status_code == 404


def test_the_administrator_sets_letterhead_and_seal(client, administrator, letterhead):
    client.force_login(administrator)
    form = {"address": "上海市", "phone": "021", "bank_account": "户名\n账号"}
    assert client.post(reverse("desk:letterhead"), form).status_code == 303
    for content, status in ((b"<svg/>", 409), (a_seal(), 303)):
        seal = {"file": SimpleUploadedFile("seal.png", content, "image/png")}
        assert client.post(reverse("desk:letterhead-seal"), seal).status_code == status
    assert page(client, "letterhead-seal-image").content == a_seal()
    letterhead.refresh_from_db()
    assert (letterhead.address, letterhead.seal is None) == ("上海市", False)
    client.post(reverse("desk:letterhead-seal"), {"remove": "1"})
    assert page(client, "letterhead-seal-image").status_code == 404


def test_pages_ask_few_questions(asked, made, indebted, django_assert_max_num_queries):
    for name, args in (("letters", ()), ("letter", (made.pk,)), ("customer-letters", (indebted.pk,))):
        with django_assert_max_num_queries(13), translation.override("en"):
            assert page(asked, name, *args).status_code == 200


def test_the_word_document_holds_the_words(made):
    from io import BytesIO  # noqa: PLC0415

    from docx import Document  # noqa: PLC0415

    document = Document(BytesIO(letter_docx(made.data, language=made.language)))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    cells = "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    assert made.number in text + cells
    assert "催款函" in text
    assert "INV-1" in cells
