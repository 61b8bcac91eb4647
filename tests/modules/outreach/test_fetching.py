"""A mailbox read over a real IMAP conversation: every message once, whatever interrupts it."""

from datetime import timedelta

import pytest

from huikuan.adapters.imap.mailbox import ImapMailbox
from huikuan.journal.files import read_file
from huikuan.journal.models import StoredFile
from huikuan.outreach.fetching import fetch_mail
from huikuan.outreach.mailbox import MailboxTroubleError
from huikuan.outreach.models import InboundMessage, MailFolder
from tests.imap_server import PASSWORD, USER, imap_server
from tests.letters_in import a_reply
from tests.people import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def server():
    with imap_server() as running:
        yield running


@pytest.fixture
def fetch(server, settings):
    """Read the mailbox of the server."""
    settings.HUIKUAN_IMAP_HOST, settings.HUIKUAN_IMAP_PORT = "127.0.0.1", server.port
    settings.HUIKUAN_IMAP_USER, settings.HUIKUAN_IMAP_PASSWORD = USER, PASSWORD
    settings.HUIKUAN_IMAP_TLS, settings.HUIKUAN_IMAP_TIMEOUT_SECONDS = False, 5

    def read():
        return dict(fetch_mail(ImapMailbox(), clock=lambda: NOON))

    return read


def put(server, number, **more):
    return server.put(a_reply(f"第{number}封", message_id=f"<{number}@x>"), NOON.date(), **more)


def test_each_message_is_taken_once_and_nothing_in_the_mailbox_changes(server, fetch, huatai):
    for number in range(3):
        put(server, number)
    assert fetch() == {"REPLY": 3}
    assert fetch() == {}
    put(server, 3)
    assert fetch() == {"REPLY": 1}
    assert InboundMessage.objects.count() == 4
    assert not any("STORE" in line or line.startswith("SELECT") for line in server.asked)
    assert not any(each.flags for each in server.messages)


def test_the_message_is_kept_as_it_came(server, fetch, huatai):
    content = a_reply("您好", charset="gb18030", cte="8bit")
    server.put(content, NOON.date())
    fetch()
    message = InboundMessage.objects.get()
    stored = StoredFile.objects.get(subject_type="outreach.inboundmessage", subject_id=message.pk)
    assert read_file(stored) == content
    assert stored.media_type == "message/rfc822"
    assert message.text == "您好"


def test_a_server_that_numbers_anew_brings_nothing_twice(server, fetch, huatai):
    put(server, 1)
    fetch()
    server.uid_validity, server.next_uid = 8, 100
    server.messages[0].uid = 50
    put(server, 2)
    assert fetch() == {"known": 1, "REPLY": 1}
    folder = MailFolder.objects.get()
    assert (folder.uid_validity, folder.last_uid) == (8, 100)


def test_what_was_taken_before_the_line_broke_stays_taken(server, fetch, huatai):
    for number in range(4):
        put(server, number)
    server.drop_after = 2
    with pytest.raises(MailboxTroubleError):
        fetch()
    assert InboundMessage.objects.count() == 2
    server.drop_after = 0
    assert fetch() == {"REPLY": 2}


def test_the_first_time_old_mail_is_left_alone(server, fetch, huatai):
    server.put(a_reply("from long ago", message_id="<old@x>"), (NOON - timedelta(days=30)).date())
    put(server, 1)
    assert fetch() == {"REPLY": 1}


def test_a_huge_message_is_taken_in_part(server, fetch, huatai, monkeypatch):
    monkeypatch.setattr("huikuan.outreach.fetching.BYTES_MAX", 2000)
    server.put(a_reply("words " * 5000, cte="7bit"), NOON.date())
    fetch()
    message = InboundMessage.objects.get()
    assert message.facts["is_cut"]
    assert message.text.startswith("words words")
    assert len(message.text) < 2000


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 MOVE", "IMAP4rev1 UIDPLUS", "IMAP4rev1"])
def test_what_was_taken_is_moved_where_the_settings_say(server, fetch, huatai, settings, capabilities):
    settings.HUIKUAN_IMAP_MOVE_TO = "已处理"
    server.capabilities = capabilities
    put(server, 1)
    assert fetch() == {"REPLY": 1}
    assert len(server.moved['"&XfJZBHQG-"']) == 1
    assert fetch() == {}


def test_a_server_that_wants_to_know_who_asks_is_told(server, fetch, huatai):
    server.wants_id = True
    put(server, 1)
    assert fetch() == {"REPLY": 1}


def test_a_wrong_password_is_trouble_in_the_servers_words(server, fetch, settings):
    settings.HUIKUAN_IMAP_PASSWORD = "guessed"
    with pytest.raises(MailboxTroubleError, match="AUTHENTICATIONFAILED"):
        fetch()


def test_a_folder_that_is_not_there_is_trouble(server, fetch, settings):
    settings.HUIKUAN_IMAP_FOLDER = "Nowhere"
    with pytest.raises(MailboxTroubleError, match="no such folder"):
        fetch()


def test_nobody_there_is_trouble(fetch, settings):
    settings.HUIKUAN_IMAP_PORT = 1
    with pytest.raises(MailboxTroubleError):
        fetch()
