"""Letters that become files: complete, readable, and never outside their folder."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from huikuan.adapters.mailbox_folder.channel import FolderChannel
from huikuan.outreach.ports import Accepted, Mail, PermanentRefusal, TemporaryRefusal

NOON = datetime(2026, 7, 10, 4, 0, tzinfo=UTC)
MAIL = Mail(
    key="email/7/CNY/friendly/2026-07-09/0", sender_address="main@example.com", sender_name="重庆澄岭",
    address="p28@example.com", addressee="张涛", language="zh-hans", subject="付款提醒", text="尊敬的客户",
    html="<p>尊敬的客户</p>",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "outbox"


def test_a_letter_is_a_file_that_mail_programs_read(folder):
    channel = FolderChannel(folder)
    assert channel.ready() is None
    outcome = channel.send(MAIL, NOON)
    assert isinstance(outcome, Accepted)
    (path,) = folder.iterdir()
    assert outcome.reference.split() == [message_from_bytes(path.read_bytes(), policy=default)["Message-ID"], path.name]
    letter = message_from_bytes(path.read_bytes(), policy=default)
    assert letter["Subject"] == "付款提醒"
    assert letter["To"].addresses[0].addr_spec == "p28@example.com"
    body = letter.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "尊敬的客户"


def test_a_key_cannot_lead_out_of_the_folder(folder):
    channel = FolderChannel(folder)
    channel.ready()
    channel.send(replace(MAIL, key="../../elsewhere"), NOON)
    assert [path.parent for path in folder.parent.rglob("*.eml")] == [folder]


def test_what_is_no_letter_is_refused_for_good(folder):
    channel = FolderChannel(folder)
    channel.ready()
    assert isinstance(channel.send(replace(MAIL, subject="two\nlines"), NOON), PermanentRefusal)
    assert not list(folder.iterdir())


def test_a_folder_that_cannot_be_made_is_no_end(tmp_path):
    (tmp_path / "outbox").write_text("in the way")
    assert isinstance(FolderChannel(tmp_path / "outbox").ready(), TemporaryRefusal)
