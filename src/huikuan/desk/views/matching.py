"""Cash application: the bank lines that wait, one decision after the other, and taking a decision back."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.cash.commands.collecting import collect_bill
from huikuan.cash.commands.matching import (
    assign_line,
    match_lines,
    reject_proposal,
    set_match_terms,
    terms_of,
    undo_match,
)
from huikuan.cash.commands.setting_aside import set_aside, take_up
from huikuan.cash.models import Match, StatementLine
from huikuan.cash.wording import matched_text
from huikuan.desk.access import DeskRequest, Seat, page, visible_customer, write
from huikuan.desk.answers import done, refusal_page
from huikuan.desk.forms.text import tidy
from huikuan.desk.queries import matching
from huikuan.desk.queries.paging import Place
from huikuan.desk.queries.reconciling import bill_visible_to
from huikuan.kernel.money import format_decimal, parse_minor
from huikuan.kernel.refusal import Refusal
from huikuan.parties.models import Entity
from huikuan.parties.queries import entities_of
from huikuan.parties.rules.rights import Action

REASON_MAX = 200
SEARCH_MAX = 80
TABS = ("open", "decided", "account")


@page
def show(request: DeskRequest) -> HttpResponse:
    """Show the lines, the one that is open with its answers, and what else waits."""
    seat = request.seat
    tab = request.GET.get("show", "open")
    tab = tab if tab in TABS else "open"
    context = {"tab": tab, "may_see": matching.may_see(seat), "may_book": seat.may(Action.BOOK), "query": {"show": tab}}
    if not context["may_see"]:
        return render(request, "desk/matching.html", context)
    place = Place.read(request.GET.dict())
    own = terms_of(seat.entity.pk)
    context |= {
        "waiting": matching.waiting(seat),
        "terms": own,
        "terms_charge": format_decimal(own.charge_minor, seat.entity.currency),
        "latest": matching.latest(seat),
    }
    if tab == "decided":
        context["decided"] = matching.matches(seat, place)
    elif tab == "account":
        context["parked"] = matching.on_account(seat)
    else:
        context |= _open(request, place)
    return render(request, "desk/matching.html", context)


def _open(request: DeskRequest, place: Place) -> dict[str, object]:
    """Return the lines that wait, and the one that is decided now: the asked one, else the first."""
    seat = request.seat
    listed = matching.lines(seat, place)
    asked = request.GET.get("line", "")
    chosen = int(asked) if asked.isdecimal() else (listed.rows[0].pk if listed.rows else 0)
    line = matching.line_of(seat, chosen) if chosen else None
    found: dict[str, object] = {"listed": listed, "line": line}
    if line is None:
        return found
    search, customer = tidy(request.GET, "q", longest=SEARCH_MAX), request.GET.get("customer", "")
    found |= {"search": search, "found": matching.customers_named(seat, search)}
    if customer.isdecimal():
        picked = visible_customer(seat, int(customer))
        found |= {"picked": picked, "items": matching.items_of(seat, picked.pk, line)}
    return found


def _line(request: DeskRequest, line_id: int) -> StatementLine:
    """Return a line of an entity of the user, who may book there. Raises Http404, PermissionDenied."""
    mine = entities_of(request.user)
    line = StatementLine.objects.select_related("account").filter(pk=line_id, account__entity__in=mine).first()
    if line is None:
        raise Http404
    request.seat.demand(Action.BOOK, line.account.entity_id)
    return line


def _entity(request: DeskRequest) -> Entity:
    request.seat.demand(Action.BOOK)
    return request.seat.entity


def _next(seat: Seat, line: StatementLine) -> str:
    """Return the address of the next line to decide."""
    following = matching.following(seat, line)
    return reverse("desk:matching") + (f"?line={following}" if following else "")


@write
def run(request: DeskRequest) -> HttpResponse:
    """Match every line that waits: 303 done, 409 refused."""
    entity = _entity(request)
    try:
        found = match_lines(entity_id=entity.pk, now=request.seat.now, actor=request.user)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, reverse("desk:matching"), matched_text(**found.counts))


@write
def decide(request: DeskRequest, line_id: int) -> HttpResponse:
    """Accept an answer, or book what a person picked: 303 to the next line, 409 refused."""
    line = _line(request, line_id)
    customer = request.POST.get("customer", "")
    if not customer.isdecimal():
        raise Http404
    picked = visible_customer(request.seat, int(customer))
    try:
        assign_line(
            line_id=line.pk, customer_id=picked.pk, parts=_parts(request, line), actor=request.user,
            now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, _next(request.seat, line), _("Booked for {customer}.").format(customer=picked.name))


def _parts(request: DeskRequest, line: StatementLine) -> list[tuple[int, int]]:
    """Read what shall be paid: of an answer "id:minor …", of a person one amount an item. Raises Refusal."""
    sent = [pair.split(":") for pair in tidy(request.POST, "parts", longest=4_000).split()]
    parts = [
        (int(pair[0]), int(pair[1])) for pair in sent if len(pair) == len(("item", "minor")) and pair[0].isdecimal()
        and pair[1].isdecimal()
    ]  # fmt: skip
    for name in request.POST:
        item_id, said = name.removeprefix("item-"), tidy(request.POST, name, longest=30)
        if name.startswith("item-") and item_id.isdecimal() and said:
            minor = parse_minor(said, line.currency)
            if minor:
                parts.append((int(item_id), minor))
    return parts


@write
def reject(request: DeskRequest, line_id: int) -> HttpResponse:
    """Rule a customer out for a line: 303 back to the line, 409 refused."""
    line = _line(request, line_id)
    customer = request.POST.get("customer", "")
    if not customer.isdecimal():
        raise Http404
    try:
        reject_proposal(
            line_id=line.pk, customer_id=visible_customer(request.seat, int(customer)).pk, actor=request.user,
            now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, f"{reverse('desk:matching')}?line={line.pk}", _("Not this customer. Remembered."))


@write
def aside(request: DeskRequest, line_id: int) -> HttpResponse:
    """Set a line aside that is no customer's payment: 303 to the next line, 409 refused."""
    line = _line(request, line_id)
    there = _next(request.seat, line)
    try:
        reason = tidy(request.POST, "reason", longest=REASON_MAX)
        set_aside(line_id=line.pk, reason=reason, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, there, _("Set aside."))


@write
def put_back(request: DeskRequest, line_id: int) -> HttpResponse:
    """Put a line that was set aside back on the list: 303 to it, 409 refused."""
    line = _line(request, line_id)
    try:
        take_up(line_id=line.pk, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    if line.amount_minor < 0:
        return done(request, f"{reverse('desk:bank-lines')}?show=out", _("Put back."))
    return done(request, f"{reverse('desk:matching')}?line={line.pk}", _("Put back: it waits for a decision."))


@write
def collect(request: DeskRequest, line_id: int) -> HttpResponse:
    """Settle the bill of exchange that a line collects: 303 to the next line, 409 refused."""
    line = _line(request, line_id)
    asked = request.POST.get("bill", "")
    bill = bill_visible_to(request.user, int(asked)) if asked.isdecimal() else None
    if bill is None:
        raise Http404
    there = _next(request.seat, line)
    try:
        collect_bill(line_id=line.pk, bill_id=bill.pk, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    said = _("Bill {number} is paid. No receipt is booked: its items were paid when it came.")
    return done(request, there, said.format(number=bill.number))


@write
def undo(request: DeskRequest, match_id: int) -> HttpResponse:
    """Take a decision back: 303 to its line, 409 refused."""
    found = Match.objects.select_related("line__account").filter(pk=match_id).first()
    if found is None:
        raise Http404
    line = _line(request, found.line_id)
    reason = tidy(request.POST, "reason", longest=REASON_MAX) or _("Decided by mistake")
    try:
        undo_match(match_id=found.pk, reason=reason, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, f"{reverse('desk:matching')}?line={line.pk}", _("Undone: the items are open again."))


@write
def terms(request: DeskRequest) -> HttpResponse:
    """Set from when lines are matched by themselves: 303 done, 409 refused."""
    entity = _entity(request)
    threshold = tidy(request.POST, "threshold", longest=3)
    try:
        set_match_terms(
            entity_id=entity.pk, threshold=int(threshold) if threshold.isdecimal() else 0,
            charge_minor=parse_minor(tidy(request.POST, "charge", longest=20) or "0", entity.currency),
            actor=request.user, now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, reverse("desk:matching"), _("Set."))
