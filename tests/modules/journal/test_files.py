"""Evidence files: stored once by their hash, judged by their content, and never changed afterwards."""

import hashlib
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from huikuan.adapters.content_folder.store import FolderStore
from huikuan.journal.files import FileDamaged, FileEmpty, FileTooLarge, FileTypeRefused, keep_file, read_file
from huikuan.journal.models import Entry, StoredFile
from huikuan.journal.ports import ContentMissingError
from huikuan.journal.rules import media
from tests.people import NOON

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
PDF = b"%PDF-1.7\nletter"


@pytest.fixture(autouse=True)
def store(tmp_path, settings) -> FolderStore:
    settings.MEDIA_ROOT = tmp_path / "files"
    return FolderStore()


def keep(content=PNG, name="photo.png", media_type="image/png", kind="PHOTO", **more) -> StoredFile:
    return keep_file(content=content, name=name, media_type=media_type, kind=kind, now=NOON, **more)


def test_a_file_is_kept_with_its_hash_in_the_journal(tianhe, owner):
    stored = keep(actor=owner, customer_id=tianhe.pk, entity_id=tianhe.entity_id, subject=tianhe, title="Gate")
    assert read_file(stored) == PNG
    assert stored.sha256 == hashlib.sha256(PNG).hexdigest()
    entry = Entry.objects.get(event="journal.file-kept")
    assert (stored.entry, entry.facts["sha256"], entry.customer_id) == (entry, stored.sha256, tianhe.pk)


def test_the_same_bytes_are_one_blob_and_the_same_subject_one_row(tianhe, binhai, store):
    first = keep(customer_id=tianhe.pk, subject=tianhe)
    assert keep(customer_id=tianhe.pk, subject=tianhe, name="again.png") == first
    other = keep(customer_id=binhai.pk, subject=binhai)
    assert other != first
    assert other.sha256 == first.sha256
    assert len([path for path in store.folder.rglob("*") if path.is_file()]) == 1


@pytest.mark.django_db
def test_what_a_file_is_called_proves_nothing():
    with pytest.raises(FileTypeRefused, match="octet-stream"):
        keep(b"MZ\x90\x00\x03\x00\x00\x00", name="holiday.png")
    with pytest.raises(FileTypeRefused, match="application/pdf"):
        keep(PDF, name="photo.png")
    with pytest.raises(FileTypeRefused, match="text/plain"):
        keep(b"<svg onload='alert(1)'>", name="photo.svg", media_type="image/svg+xml")
    with pytest.raises(FileEmpty):
        keep(b"")
    assert not StoredFile.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_a_file_beyond_the_size_of_its_kind_is_refused(monkeypatch):
    types, _limit = media.ALLOWED[media.FileKind.PHOTO]
    monkeypatch.setattr("huikuan.journal.files.ALLOWED", {media.FileKind.PHOTO: (types, 4)})
    with pytest.raises(FileTooLarge):
        keep()


@pytest.mark.django_db
def test_a_name_cannot_leave_its_place():
    assert keep(name="../../etc/passwd").name == "passwd"
    assert keep(name='C:\\letters\\a"b\r\n.png', kind="DOCUMENT").name == "ab.png"


def test_a_stored_file_is_never_changed_or_removed(tianhe):
    stored = keep(customer_id=tianhe.pk)
    for act in (lambda: StoredFile.objects.update(name="other"), stored.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
    assert read_file(stored) == PNG


@pytest.mark.django_db
def test_changed_or_lost_bytes_are_noticed_and_kept_anew(store):
    stored = keep()
    place = store.folder / stored.sha256[:2] / stored.sha256
    place.write_bytes(b"something else")
    with pytest.raises(FileDamaged):
        read_file(stored)
    place.unlink()
    with pytest.raises(FileDamaged):
        read_file(stored)
    with pytest.raises(ContentMissingError):
        store.get(stored.sha256)
    store.put(stored.sha256, PNG)
    assert read_file(stored) == PNG


def test_two_at_once_and_one_that_breaks_off_leave_one_whole_file(store, monkeypatch):
    content = b"x" * 300_000
    sha256 = hashlib.sha256(content).hexdigest()
    threads = [threading.Thread(target=store.put, args=(sha256, content)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get(sha256) == content
    monkeypatch.setattr("os.fsync", lambda _descriptor: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        store.put(hashlib.sha256(b"new").hexdigest(), b"new")
    assert [path.name for path in store.folder.rglob("*") if path.is_file()] == [sha256]


def test_a_row_without_an_entry_cannot_be(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.create(sha256="0" * 64, byte_count=1, media_type="image/png", kind="PHOTO", kept_at=NOON)
    assert connection.is_usable()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PDF, "application/pdf"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
        (b"#!AMR\n", "audio/amr"),
        ("姓名,金额".encode("gb18030"), "text/plain"),
        (b"PK\x03\x04 not a zip", media.UNKNOWN),
        (b"\x00\x01\x02", media.UNKNOWN),
    ],
)
def test_media_types_by_content(content, expected):
    assert media.media_type_of(content) == expected
