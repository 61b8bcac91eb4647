"""Bank statements: bring a file, look at what it would book, book it, withdraw it; and the lines of all files."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huikuan.cash.commands.accounts import add_account
from huikuan.cash.commands.matching import match_lines
from huikuan.cash.commands.statements import Imported, import_statement, preview_statement, withdraw_statement
from huikuan.cash.models import BankAccount
from huikuan.cash.ports import StatementSource, known_layouts, open_statement
from huikuan.cash.wording import matched_text, remark_text
from huikuan.desk.access import DeskRequest, Seat, page, write
from huikuan.desk.answers import ILL_FILLED, REFUSED, done, refusal_page, refused, words_of
from huikuan.desk.forms.bank import AccountForm, StatementForm
from huikuan.desk.queries import bank
from huikuan.desk.queries.paging import Place
from huikuan.journal.ports import ContentMissingError, content_store
from huikuan.kernel.refusal import Refusal
from huikuan.parties.rules.rights import Action

SALT: Final = "bank.upload"
UPLOAD_SECONDS: Final = 24 * 3600
"""How long a preview can be booked."""
UPLOAD_MAX: Final = 50 * 1024 * 1024


@page
def index(request: DeskRequest) -> HttpResponse:
    """Show the accounts and the imported files."""
    return _draw(request)


def _draw(
    request: DeskRequest,
    *,
    form: StatementForm | None = None,
    account_form: AccountForm | None = None,
    status: int = 200,
) -> HttpResponse:
    seat = request.seat
    if not bank.may_see(seat):
        return render(request, "desk/bank.html", {"may_see": False}, status=status)
    accounts = bank.accounts(seat)
    context = {
        "may_see": True,
        "may_import": seat.may(Action.IMPORT),
        "may_book": seat.may(Action.BOOK),
        "accounts": accounts,
        "listed": bank.files(seat, Place.read(request.GET.dict())),
        "query": {},
        "form": form or StatementForm(accounts=accounts, profiles=known_layouts()),
        "account_form": account_form or AccountForm(initial={"currency": seat.entity.currency}),
    }
    return render(request, "desk/bank.html", context, status=status)


def _demand(request: DeskRequest) -> None:
    """Go on only for somebody who may import and sees the whole entity. Raises PermissionDenied."""
    request.seat.demand(Action.IMPORT)
    if not bank.may_see(request.seat):
        raise PermissionDenied(_("Your role does not allow this. Ask a manager or an administrator."))


@write
def account(request: DeskRequest) -> HttpResponse:
    """Enter an account: 303 done, 409 refused, 422 ill-filled."""
    _demand(request)
    form = AccountForm(request.POST)
    if not form.is_valid():
        return _draw(request, account_form=form, status=ILL_FILLED)
    try:
        added = add_account(
            entity_id=request.seat.entity.pk, actor=request.user, now=request.seat.now, **form.cleaned_data
        )
    except Refusal as no:
        return _draw(request, account_form=form, status=refused(form, no))
    return done(request, reverse("desk:bank"), _("The account {number} is entered.").format(number=added.number))


@write
def upload(request: DeskRequest) -> HttpResponse:
    """Take a file and lead to its preview: 303 taken, 422 ill-filled. Nothing is booked."""
    _demand(request)
    accounts = bank.accounts(request.seat)
    form = StatementForm(request.POST, request.FILES, accounts=accounts, profiles=known_layouts())
    if not form.is_valid():
        return _draw(request, form=form, status=ILL_FILLED)
    sent = form.cleaned_data["file"]
    if sent.size > UPLOAD_MAX:
        form.add_error("file", _("The file is larger than 50 MB. Ask the bank for a shorter period."))
        return _draw(request, form=form, status=ILL_FILLED)
    content = sent.read()
    sha256 = hashlib.sha256(content).hexdigest()
    content_store().put(sha256, content)
    said = {
        "sha256": sha256,
        "name": Path(sent.name).name,
        "account": form.cleaned_data["account"],
        "profile": form.cleaned_data["profile"],
        "entity": request.seat.entity.pk,
        "user": request.user.pk,
    }
    token = signing.dumps(said, salt=SALT, compress=True)
    return done(request, f"{reverse('desk:bank-preview')}?{urlencode({'file': token})}")


def _said(seat: Seat, token: str) -> Mapping[str, Any]:
    """Return what was uploaded. Raises Http404 when the token is old, forged or somebody else's."""
    try:
        said: dict[str, Any] = signing.loads(token, salt=SALT, max_age=UPLOAD_SECONDS)
    except signing.BadSignature:
        raise Http404 from None
    if (said["entity"], said["user"]) != (seat.entity.pk, seat.user.pk):
        raise Http404
    return said


@contextmanager
def _opened(said: Mapping[str, Any]) -> Iterator[tuple[StatementSource, Path]]:
    """Give the uploaded file as a statement. Raises Refusal, Http404 when the store has lost it."""
    try:
        content = content_store().get(said["sha256"])
    except ContentMissingError:
        raise Http404 from None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"statement{Path(said['name']).suffix.lower()}"
        path.write_bytes(content)
        yield open_statement(path, name=said["name"], profile=said["profile"]), path


def _chosen(seat: Seat, said: Mapping[str, Any]) -> BankAccount | None:
    return BankAccount.objects.filter(pk=said["account"], entity=seat.entity).first() if said["account"] else None


@page
def preview(request: DeskRequest) -> HttpResponse:
    """Show what an uploaded file would book: 200, or 409 with the reason of its refusal."""
    _demand(request)
    token = request.GET.get("file", "")
    said = _said(request.seat, token)
    try:
        with _opened(said) as (source, _path):
            seen = preview_statement(
                entity_id=request.seat.entity.pk, source=source, chosen=_chosen(request.seat, said)
            )
    except Refusal as no:
        context = {"name": said["name"], "refused": words_of(no)}
        return render(request, "desk/bank_preview.html", context, status=REFUSED)
    context = {
        "name": said["name"],
        "token": token,
        "seen": seen,
        "remarks": [remark_text(each.code, each.place, each.said) for each in seen.judgment.remarks],
    }
    return render(request, "desk/bank_preview.html", context)


@write
def book(request: DeskRequest) -> HttpResponse:
    """Book an uploaded file and match what it brought: 303 done, 409 refused."""
    _demand(request)
    seat = request.seat
    said = _said(seat, request.POST.get("file", ""))
    try:
        with _opened(said) as (source, path):
            imported = import_statement(
                entity_id=seat.entity.pk, source=source, path=path, actor=request.user, now=seat.now,
                chosen=_chosen(seat, said),
            )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, _place_of(imported), _what_came(request, imported))


def _place_of(imported: Imported) -> str:
    found = [each.file or each.earlier for each in imported.accounts]
    if len(found) == 1 and found[0] is not None:
        return reverse("desk:bank-file", args=[found[0].pk])
    return reverse("desk:bank")


def _what_came(request: DeskRequest, imported: Imported) -> str:
    """Match the new lines and say what came of it; a matching that is under way takes them, too."""
    count = imported.booked_count
    said = ngettext("{n} new line is booked.", "{n} new lines are booked.", count).format(n=count)
    if not count:
        return said
    if imported.recognized_count:
        told = ngettext("{n} was told by a gateway.", "{n} were told by a gateway.", imported.recognized_count)
        said = f"{said} {told.format(n=imported.recognized_count)}"
    try:
        found = match_lines(entity_id=request.seat.entity.pk, now=request.seat.now, actor=request.user)
    except Refusal as no:
        return f"{said} {words_of(no)}"
    return f"{said} {matched_text(**found.counts)}"


@page
def file(request: DeskRequest, file_id: int) -> HttpResponse:
    """Show one imported file with its lines."""
    row = bank.file_of(request.seat, file_id)
    if row is None:
        raise Http404
    context = {
        "row": row,
        "listed": bank.lines(
            request.seat, show="all", account_id=None, file_id=file_id, place=Place.read(request.GET.dict())
        ),
        "query": {},
        "may_import": request.seat.may(Action.IMPORT),
        "may_book": request.seat.may(Action.BOOK),
    }
    return render(request, "desk/bank_file.html", context)


@write
def withdraw(request: DeskRequest, file_id: int) -> HttpResponse:
    """Undo an import: 303 done, 409 refused."""
    row = bank.file_of(request.seat, file_id)
    if row is None:
        raise Http404
    _demand(request)
    if request.POST.get("sure") != "yes":
        return done(request, reverse("desk:bank-file", args=[file_id]), _("Tick that you are sure."))
    try:
        withdraw_statement(file_id=file_id, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, reverse("desk:bank"), _("The import of {name} is withdrawn.").format(name=row.name))


@page
def lines(request: DeskRequest) -> HttpResponse:
    """Show the lines of all files."""
    seat = request.seat
    if not bank.may_see(seat):
        return render(request, "desk/bank_lines.html", {"may_see": False})
    asked = request.GET.get("show", "open")
    show = asked if asked in bank.SHOWS else "open"
    wanted = request.GET.get("account", "")
    account_id = int(wanted) if wanted.isdecimal() else None
    context = {
        "may_see": True,
        "may_book": seat.may(Action.BOOK),
        "show": show,
        "shows": [(code, name) for code, name in _show_names() if code in bank.SHOWS],
        "account_id": account_id,
        "accounts": bank.accounts(seat),
        "query": {"show": show, **({"account": str(account_id)} if account_id else {})},
        "listed": bank.lines(
            seat, show=show, account_id=account_id, file_id=None, place=Place.read(request.GET.dict())
        ),
    }
    return render(request, "desk/bank_lines.html", context)


def _show_names() -> tuple[tuple[str, str], ...]:
    return (
        ("open", _("Open")),
        ("matched", _("Matched")),
        ("aside", _("Set aside")),
        ("out", _("Paid out")),
        ("all", _("All")),
    )
