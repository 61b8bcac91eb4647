"""Account statements: of a customer, of everybody, and one with its answer and differences."""

from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.cash.commands.account_statements import make_statements, send_statement, withdraw_statement
from huikuan.cash.commands.statement_answers import (
    ON_PAPER,
    Answerer,
    Attachment,
    confirm_statement,
    report_differences,
    resolve_difference,
)
from huikuan.cash.models import AccountStatement, StatementDifference
from huikuan.cash.models.account_statement import StatementState
from huikuan.cash.statement_page import words_in
from huikuan.desk.access import DeskRequest, page, visible_customer, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page, refused
from huikuan.desk.forms.reconciling import DifferencesForm, PeriodForm, ResolveDifferenceForm, SlipForm
from huikuan.desk.queries.paging import Place
from huikuan.desk.queries.reconciling import (
    OVERDUE,
    TONES,
    statement_counts,
    statement_visible_to,
    statements,
    statements_of,
)
from huikuan.desk.tabs import tab_context
from huikuan.journal.files import read_file
from huikuan.journal.models import StoredFile
from huikuan.kernel.days import add_days, month_start, parse_day
from huikuan.kernel.refusal import Refusal
from huikuan.parties.queries import may_see
from huikuan.parties.rules.rights import Action

REASON_MAX = 300
LINES_SHOWN: Final = 300
SENDABLE: Final = (StatementState.MADE, StatementState.SETTLED)
ENDABLE: Final = (StatementState.MADE, StatementState.SENT, StatementState.DIFFERS, StatementState.SETTLED)


@page
def index(request: DeskRequest) -> HttpResponse:
    """Show the statements of the chosen entity by state."""
    state = request.GET.get("state", "")
    state = state if state in {*StatementState.values, OVERDUE} else ""
    counts = statement_counts(request.seat)
    names = {**dict(StatementState.choices), OVERDUE: _("Answer overdue")}
    context = {
        "listed": statements(request.seat, state=state, place=Place.read(request.GET.dict())),
        "states": [(code, names[code], counts[code]) for code in [OVERDUE, *StatementState.values] if counts[code]],
        "state": state,
        "query": {"state": state},
    }
    return render(request, "desk/statements.html", context)


@page
def of_customer(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Show a customer's statements, and the form for another period."""
    return _draw_customer(request, customer_id)


def _draw_customer(
    request: DeskRequest, customer_id: int, form: PeriodForm | None = None, status: int = 200
) -> HttpResponse:
    frame = tab_context(request.seat, customer_id)
    last_on = add_days(month_start(request.seat.today), -1)
    usual = {"starts_on": month_start(last_on), "ends_on": last_on}
    context = frame | {
        "listed": statements_of(customer_id, request.seat.today, Place.read(request.GET.dict())),
        "form": form or PeriodForm(initial=usual),
        "may_reconcile": request.seat.may(Action.RECONCILE, frame["entity_id"]),
        "query": {},
    }
    return render(request, "desk/customer_statements.html", context, status=status)


@write
def make(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Make the statements of a period, one a currency: 303 done, 409 refused, 422 ill-filled."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.RECONCILE, customer.entity_id)
    form = PeriodForm(request.POST)
    if not form.is_valid():
        return _draw_customer(request, customer_id, form, ILL_FILLED)
    try:
        made = make_statements(
            entity_id=customer.entity_id, customer_ids=[customer_id], as_of=request.seat.today, now=request.seat.now,
            actor=request.user, **form.cleaned_data,
        )  # fmt: skip
    except Refusal as no:
        return _draw_customer(request, customer_id, form, refused(form, no))
    if len(made) == 1:
        return done(request, _place(made[0]), _("Statement {number} is made.").format(number=made[0].number))
    said = _("Made.") if made else _("Nothing to state in this period, or stated already.")
    return done(request, reverse("desk:customer-statements", args=[customer_id]), said)


def _place(statement: AccountStatement) -> str:
    return reverse("desk:statement", args=[statement.pk])


def _own(request: DeskRequest, statement_id: int, action: Action | None = None) -> AccountStatement:
    """Return a statement that the user may see. Raises Http404, PermissionDenied."""
    found = statement_visible_to(request.user, statement_id)
    if found is None:
        raise Http404
    if action is not None:
        request.seat.demand(action, found.entity_id)
    return found


@page
def show(request: DeskRequest, statement_id: int) -> HttpResponse:
    """Show one statement: what it states, its answer, its differences and their history."""
    return _draw(request, _own(request, statement_id))


def _draw(request: DeskRequest, statement: AccountStatement, *, status: int = 200, **forms: Any) -> HttpResponse:
    may = request.seat.may(Action.RECONCILE, statement.entity_id)
    kinds = words_in(request.LANGUAGE_CODE)
    lines, items = statement.data["lines"], statement.data["open_items"]
    context = {
        **tab_context(request.seat, statement.customer_id),
        "statement": statement,
        "tone": TONES[statement.state],
        "lines": [
            line | {"entry": kinds[f"kind_{line['kind']}"], "day": parse_day(line["day"])}
            for line in lines[:LINES_SHOWN]
        ],
        "hidden_count": max(0, len(lines) - LINES_SHOWN),
        "items": [item | {"due_on": parse_day(item["due_on"])} for item in items[:LINES_SHOWN]],
        "numbers": list(dict.fromkeys(row["number"] for row in [*lines, *items]))[:LINES_SHOWN],
        "differences": statement.differences.select_related("credit_note", "file", "resolved_by").order_by("pk"),
        "changes": statement.changes.select_related("actor", "difference", "file").order_by("pk"),
        "slip_form": SlipForm(),
        "differ_form": DifferencesForm(currency=statement.currency),
        "resolve_form": ResolveDifferenceForm(auto_id=False),
        "may_reconcile": may,
        "may_send": may and statement.state in SENDABLE,
        "may_answer": may and statement.state in ON_PAPER,
        "may_end": may and statement.state in ENDABLE,
        "is_late": statement.state == StatementState.SENT
        and statement.answer_by is not None
        and statement.answer_by < request.seat.today,
        **forms,
    }
    return render(request, "desk/statement.html", context, status=status)


@page
def file(request: DeskRequest, statement_id: int, file_format: str) -> HttpResponse:
    """Send the statement as it was kept: the PDF, or the workbook."""
    statement = _own(request, statement_id)
    stored = {"pdf": statement.pdf, "xlsx": statement.xlsx}.get(file_format)
    if stored is None:
        raise Http404
    return _sent(request, stored, f"{statement.number}.{file_format}", inline=file_format == "pdf")


@page
def evidence(request: DeskRequest, statement_id: int, file_id: int) -> HttpResponse:
    """Send a file that came with an answer."""
    statement = _own(request, statement_id)
    label = AccountStatement._meta.label_lower
    stored = StoredFile.objects.filter(pk=file_id, subject_type=label, subject_id=statement.pk).first()
    if stored is None:
        raise Http404
    return _sent(request, stored, stored.name, inline=False)


def _sent(request: DeskRequest, stored: StoredFile, name: str, *, inline: bool) -> HttpResponse:
    try:
        content = read_file(stored)
    except Refusal as no:
        return refusal_page(request, no)
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    headers = {"Content-Disposition": f'{"inline" if inline else "attachment"}; filename="{plain}"'}
    return HttpResponse(content, content_type=stored.media_type, headers=headers)


@write
def send(request: DeskRequest, statement_id: int) -> HttpResponse:
    """Put a statement into the outbox: 303 done, 409 refused."""
    statement = _own(request, statement_id, Action.RECONCILE)
    try:
        send_statement(statement_id=statement_id, as_of=request.seat.today, now=request.seat.now, actor=request.user)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, _place(statement), _("In the outbox, with a link to confirm it."))


@write
def confirm(request: DeskRequest, statement_id: int) -> HttpResponse:
    """Take the signed slip that agrees: 303 done, 409 refused, 422 ill-filled."""
    statement = _own(request, statement_id, Action.RECONCILE)
    form = SlipForm(request.POST, request.FILES)
    if not form.is_valid():
        return _draw(request, statement, slip_form=form, status=ILL_FILLED)
    try:
        confirm_statement(
            statement_id=statement_id, by=_answerer(request, form), as_of=request.seat.today, now=request.seat.now
        )
    except Refusal as no:
        return _draw(request, statement, slip_form=form, status=refused(form, no))
    return done(request, _place(statement), _("Confirmed. The limitation period of its open items begins anew."))


@write
def differ(request: DeskRequest, statement_id: int) -> HttpResponse:
    """Take the signed slip that differs: 303 done, 409 refused, 422 ill-filled."""
    statement = _own(request, statement_id, Action.RECONCILE)
    form = DifferencesForm(request.POST, request.FILES, currency=statement.currency)
    if not form.is_valid():
        return _draw(request, statement, differ_form=form, status=ILL_FILLED)
    try:
        report_differences(
            statement_id=statement_id, differences=form.cleaned_data["differences"], by=_answerer(request, form),
            now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return _draw(request, statement, differ_form=form, status=refused(form, no))
    return done(request, _place(statement), _("Taken down. Resolve each difference, then send the statement again."))


def _answerer(request: DeskRequest, form: SlipForm) -> Answerer:
    upload = form.cleaned_data["file"]
    attachment = Attachment(upload.read(), upload.name or "slip", upload.content_type or "")
    return Answerer(form.cleaned_data["answered_by"], actor=request.user, attachment=attachment)


@write
def resolve(request: DeskRequest, difference_id: int) -> HttpResponse:
    """Resolve one difference: 303 done, 409 refused, 422 ill-filled."""
    found = StatementDifference.objects.filter(may_see(request.user, "statement__customer"), pk=difference_id)
    difference = found.first()
    if difference is None:
        raise Http404
    statement = _own(request, difference.statement_id, Action.RECONCILE)
    form = ResolveDifferenceForm(request.POST)
    if not form.is_valid():
        return _draw(request, statement, resolve_form=form, status=ILL_FILLED)
    try:
        resolve_difference(difference_id=difference_id, now=request.seat.now, actor=request.user, **form.cleaned_data)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, _place(statement), _("Resolved."))


@write
def withdraw(request: DeskRequest, statement_id: int) -> HttpResponse:
    """Withdraw a statement: 303 done, 409 refused."""
    statement = _own(request, statement_id, Action.RECONCILE)
    reason = request.POST.get("reason", "")[:REASON_MAX]
    try:
        withdraw_statement(statement_id=statement_id, reason=reason, now=request.seat.now, actor=request.user)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, _place(statement), _("The statement is withdrawn."))
