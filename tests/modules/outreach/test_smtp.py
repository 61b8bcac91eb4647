"""The SMTP channel in real conversations: what it says is certain must be certain."""

import shutil
import smtplib
import ssl
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.smtp import AuthResult

from huikuan.adapters.smtp.channel import SmtpChannel
from huikuan.adapters.smtp.conversation import Server
from huikuan.adapters.smtp.letter import LetterUnfitError, build, message_id_of
from huikuan.outreach.ports import Accepted, Mail, PermanentRefusal, TemporaryRefusal, Unknown
from tests.mail_sink import Behavior, mail_sink

NOON = datetime(2026, 7, 10, 4, 0, tzinfo=UTC)
MAIL = Mail(
    key="C1|CNY|friendly|2026-07-09|0",
    sender_address="ar@huatai.example",
    sender_name="华泰建材有限公司",
    address="wang@tianhe.example",
    addressee="王芳",
    language="zh-hans",
    subject="付款提醒：贵司有2笔款项已到期，合计 ¥86,000.00",
    text="王芳女士：\n\n您好！\n.\n..两点开头的行\n欠款合计 ¥86,000.00。\n",
    html="<p>欠款合计 <b>¥86,000.00</b></p>",
)


@pytest.fixture
def sink():
    with mail_sink() as running:
        yield running


def channel_to(sink, **changes) -> SmtpChannel:
    options = {
        "host": sink.host, "port": sink.port, "user": "", "password": "", "starttls": False, "tls": False,
        "timeout_seconds": 1, "answer_seconds_max": 1, **changes,
    }  # fmt: skip
    return SmtpChannel(Server(**options), default_sender="huikuan@localhost")


@pytest.fixture
def channel(sink):
    made = channel_to(sink)
    yield made
    made.close()


def test_an_accepted_mail_arrives_whole_in_both_forms(sink, channel):
    outcome = channel.send(MAIL, NOON)
    assert isinstance(outcome, Accepted)
    (message,) = sink.accepted
    assert message["Subject"] == MAIL.subject
    assert message["From"].addresses[0].display_name == "华泰建材有限公司"
    assert message["From"].addresses[0].addr_spec == "ar@huatai.example"
    assert message["To"].addresses[0].display_name == "王芳"
    assert message["Date"].datetime == NOON
    assert message["Message-ID"] == message_id_of(MAIL.key, "ar@huatai.example")
    assert message["Message-ID"] in outcome.reference
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == MAIL.text
    assert message.get_body(("html",)).get_content().strip() == MAIL.html
    assert (message["X-Envelope-From"], message["X-Envelope-To"]) == ("ar@huatai.example", "wang@tianhe.example")


def test_what_was_made_ready_leaves_as_it_is_and_nothing_else_in_its_place(sink, channel):
    changed = replace(MAIL, text="另一封\n")
    unfit = replace(MAIL, key="unfit", address="no mailbox")
    channel.prepare([MAIL, unfit], NOON)
    assert isinstance(channel.send(changed, NOON), Accepted)
    channel.prepare([MAIL, unfit], NOON - timedelta(seconds=1))
    assert isinstance(channel.send(MAIL, NOON), Accepted)
    assert isinstance(channel.send(MAIL, NOON), Accepted), "made anew: it was used"
    assert isinstance(channel.send(unfit, NOON), PermanentRefusal)
    said = [each.get_body(("plain",)).get_content().replace("\r\n", "\n") for each in sink.accepted]
    assert said == [changed.text, MAIL.text, MAIL.text]
    assert [each["Date"].datetime for each in sink.accepted] == [NOON, NOON - timedelta(seconds=1), NOON]


def test_several_mails_share_one_connection(sink, channel):
    for number in range(3):
        assert channel.ready() is None
        assert isinstance(channel.send(MAIL, NOON), Accepted), number
    assert len(sink.accepted) == 3
    assert len({id(session) for session in sink.sessions}) == 1


@pytest.mark.parametrize(
    ("behavior", "kind", "words"),
    [
        (Behavior(rcpt="450 4.2.1 mailbox busy"), TemporaryRefusal, "450 4.2.1 mailbox busy"),
        (Behavior(rcpt="550 5.1.1 no such user"), PermanentRefusal, "550 5.1.1 no such user"),
        (Behavior(data="451 4.3.0 not now"), TemporaryRefusal, "451 4.3.0 not now"),
        (Behavior(data="554 5.7.1 no"), PermanentRefusal, "554 5.7.1 no"),
        (Behavior(final="452 4.3.1 disk full"), TemporaryRefusal, "452 4.3.1 disk full"),
        (Behavior(final="552 5.3.4 too big"), PermanentRefusal, "552 5.3.4 too big"),
        (Behavior(final="421 4.3.2 shutting down"), TemporaryRefusal, "421 4.3.2 shutting down"),
        (Behavior(rcpt_seconds=3), TemporaryRefusal, "timed out"),
    ],
    ids=str,
)
def test_whatever_is_refused_has_certainly_not_left(sink, channel, behavior, kind, words):
    sink.behavior = behavior
    outcome = channel.send(MAIL, NOON)
    assert type(outcome) is kind
    assert words in outcome.detail
    assert sink.accepted == []
    sink.behavior = Behavior()
    assert isinstance(channel.send(MAIL, NOON), Accepted), "the channel recovers"


def test_a_short_mail_cut_off_is_unknown_because_its_end_was_written(sink, channel):
    """Its final dot was on the way when the line broke: from here nobody can tell whether the server saw it."""
    sink.behavior = Behavior(drop_in_data=True)
    assert isinstance(channel.send(MAIL, NOON), Unknown)


@pytest.mark.parametrize("behavior", [Behavior(drop_after_data=True), Behavior(final_seconds=3)], ids=str)
def test_a_missing_answer_to_the_final_dot_is_unknown(sink, channel, behavior):
    sink.behavior = behavior
    assert isinstance(channel.send(MAIL, NOON), Unknown)
    assert len(sink.accepted) == 1, "it had left: to repeat it blindly would have sent it twice"


def test_an_unreadable_answer_to_the_final_dot_is_unknown(sink, channel):
    sink.behavior = Behavior(final="299x what")
    outcome = channel.send(MAIL, NOON)
    assert isinstance(outcome, Accepted)
    sink.behavior = Behavior(final="xyz what")
    outcome = channel.send(MAIL, NOON)
    assert isinstance(outcome, Unknown)


def test_a_large_body_cut_off_is_certainly_not_accepted(sink, channel):
    sink.behavior = Behavior(drop_in_data=True)
    large = "欠款明细，" * 1_000_000
    outcome = channel.send(Mail(**{**as_dict(MAIL), "text": large}), NOON)
    assert isinstance(outcome, TemporaryRefusal)
    assert sink.accepted == []


def as_dict(mail: Mail) -> dict[str, str]:
    return {name: getattr(mail, name) for name in Mail.__slots__}


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "付款提醒\r\nBcc: everybody@example.org"},
        {"subject": "付款提醒\nBcc: everybody@example.org"},
        {"addressee": "王芳\r\nBcc: everybody@example.org"},
        {"sender_name": "华泰\nX: y"},
        {"address": "wang@tianhe.example\r\nBcc: everybody@example.org"},
        {"address": "wang@tianhe.example, everybody@example.org"},
        {"address": "wang@tianhe.example> SIZE=1"},
        {"address": "wang"},
        {"address": "@tianhe.example"},
        {"address": "wang@"},
        {"sender_address": "ar@huatai.example\nX: y"},
        {"language": "en\r\nX: y"},
    ],
    ids=str,
)
def test_no_header_can_be_smuggled_in(sink, channel, changes):
    outcome = channel.send(Mail(**{**as_dict(MAIL), **changes}), NOON)
    assert isinstance(outcome, PermanentRefusal)
    assert outcome.detail.startswith("MAIL_UNFIT")
    assert sink.accepted == []


def test_a_comma_or_quote_in_a_name_stays_in_the_name():
    mail = Mail(**{**as_dict(MAIL), "sender_name": 'Huatai, "Materials" <x@y.example>'})
    content = build(mail, default_sender="a@b.example", now=NOON).content
    assert b'From: "Huatai, \\"Materials\\" <x@y.example>" <ar@huatai.example>' in content


def test_the_default_sender_stands_in_and_a_chinese_domain_is_written_in_ascii():
    mail = Mail(**{**as_dict(MAIL), "sender_address": "", "address": "wang@天河.example"})
    letter = build(mail, default_sender="huikuan@localhost", now=NOON)
    assert letter.sender == "huikuan@localhost"
    assert letter.recipient == "wang@xn--rssq86b.example"
    with pytest.raises(LetterUnfitError):
        build(Mail(**{**as_dict(MAIL), "address": "王@tianhe.example"}), default_sender="a@b", now=NOON)


def test_a_server_that_is_not_there_is_not_ready(sink):
    away = channel_to(sink, port=1)
    refusal = away.ready()
    assert isinstance(refusal, TemporaryRefusal)
    assert refusal.detail.startswith("SMTP_NOT_READY")
    assert isinstance(away.send(MAIL, NOON), TemporaryRefusal)


def test_no_server_configured_is_not_ready_and_says_what_to_set(sink):
    assert "HUIKUAN_SMTP_HOST" in channel_to(sink, host="").ready().detail


def test_a_connection_the_server_closed_is_opened_again(sink, channel):
    assert isinstance(channel.send(MAIL, NOON), Accepted)
    channel._conversation._smtp.sock.shutdown(2)
    assert channel.ready() is None
    assert isinstance(channel.send(MAIL, NOON), Accepted)


def test_a_wrong_password_is_not_ready(sink):
    refusal = channel_to(sink, user="ar", password="wrong").ready()
    assert isinstance(refusal, TemporaryRefusal)
    assert refusal.detail.startswith("SMTP_NOT_READY")


def test_sending_never_asks_the_library_to_hide_the_phase(monkeypatch, sink, channel):
    """smtplib.data() writes body and final dot in one call: whoever used it could not tell the two failures apart."""
    monkeypatch.setattr(smtplib.SMTP, "data", lambda *_: pytest.fail("smtplib.data() was called"))
    assert isinstance(channel.send(MAIL, NOON), Accepted)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that only these tests trust."""
    folder = tmp_path_factory.mktemp("tls")
    key, chain = folder / "key.pem", folder / "chain.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", chain,
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return chain, context


def sign_in(server, session, envelope, mechanism, data):
    """Let in whoever knows the password."""
    return AuthResult(success=(data.login, data.password) == (b"ar", b"secret"), handled=False)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
@pytest.mark.parametrize("way", ["tls", "starttls"])
def test_mail_travels_encrypted_and_signed_in(certificate, monkeypatch, way):
    chain, context = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    with mail_sink(**{way: context}, login=sign_in) as sink:
        channel = channel_to(sink, **{way: True}, user="ar", password="secret")
        assert channel.ready() is None
        assert isinstance(channel.send(MAIL, NOON), Accepted)
        channel.close()
        assert len(sink.accepted) == 1
        if way == "starttls":  # with implicit TLS nothing else could have arrived
            assert sink.sessions[0].ssl is not None
        assert "SMTP_NOT_READY: 535" in channel_to(sink, **{way: True}, user="ar", password="wrong").ready().detail


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
@pytest.mark.parametrize("way", ["tls", "starttls"])
def test_a_certificate_nobody_vouches_for_is_not_accepted(certificate, monkeypatch, way):
    _chain, context = certificate
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with mail_sink(**{way: context}) as sink:
        refusal = channel_to(sink, **{way: True}).ready()
        assert "CERTIFICATE_VERIFY_FAILED" in refusal.detail
        assert sink.accepted == []


def test_a_server_without_starttls_is_not_given_the_mail_in_clear(sink):
    assert isinstance(channel_to(sink, starttls=True).send(MAIL, NOON), TemporaryRefusal)
    assert sink.accepted == []
