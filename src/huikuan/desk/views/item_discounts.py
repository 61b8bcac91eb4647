"""An early-payment discount on one item: previewed and proposed on the tab of contracts, withdrawn, ended."""

from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.arrangements.commands.discounts import agree_discount
from huikuan.arrangements.commands.item_discounts import discount_on, propose_item_discount, withdraw_item_discount
from huikuan.arrangements.models import DiscountRequest, DiscountTerms
from huikuan.desk.access import DeskRequest, Seat, visible_customer, write
from huikuan.desk.answers import done, refusal_page, refused
from huikuan.desk.forms.contracts import ItemDiscountForm
from huikuan.desk.queries.claims import open_numbers
from huikuan.desk.queries.discounts import discount_row, item_discounts
from huikuan.kernel.refusal import Refusal
from huikuan.parties.queries import may_see
from huikuan.parties.rules.rights import Action
from huikuan.receivables.models import OpenItem

ASKED = ("item", "percent", "days")


def item_discounts_context(seat: Seat, customer_id: int, entity_id: int, asked: QueryDict) -> dict[str, Any]:
    """Return what `desk/item_discounts.html` draws: three queries, one more with a preview."""
    may_propose = _may_propose(seat, entity_id)
    context: dict[str, Any] = {
        "item_discounts": item_discounts(customer_id, as_of=seat.today),
        "may_propose": may_propose,
        "may_agree": seat.may(Action.APPROVE, entity_id),
    }
    items = [(each.pk, each.number) for each in open_numbers(customer_id, as_of=seat.today)] if may_propose else []
    if not items:
        return context
    is_asked = any(name in asked for name in ASKED)
    form = ItemDiscountForm(asked if is_asked else None, items=items)
    context["item_discount_form"] = form
    if is_asked and form.is_valid():
        item = OpenItem.objects.get(pk=form.cleaned_data["item"])
        share, days = form.share_ppm, form.cleaned_data["days"]
        try:
            discount_on(item, share_ppm=share, days=days, as_of=seat.today)
            context["item_discount_preview"] = discount_row(item, share_ppm=share, days=days, as_of=seat.today)
        except Refusal as no:
            refused(form, no)
    return context


@write
def propose(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Propose what was previewed: 303 done, 409 refused, ill-filled back to the form."""
    seat = request.seat
    customer = visible_customer(seat, customer_id)
    _demand(seat, customer.entity_id)
    items = [(each.pk, each.number) for each in open_numbers(customer_id, as_of=seat.today)]
    form = ItemDiscountForm(request.POST, items=items)
    if not form.is_valid():
        query = QueryDict(mutable=True)
        query.update({name: request.POST.get(name, "") for name in ASKED})
        return done(request, f"{reverse('desk:contracts', args=[customer_id])}?{query.urlencode()}")
    try:
        made = propose_item_discount(
            item_id=form.cleaned_data["item"], share_ppm=form.share_ppm, days=form.cleaned_data["days"],
            as_of=seat.today, actor=request.user, now=seat.now,
        )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    agreed = _("The discount is agreed: bills state it, and money in time takes it.")
    return done(request, _place(customer_id), agreed if made.agreed_at else _("Proposed: it waits for approval."))


@write
def withdraw(request: DeskRequest, request_id: int) -> HttpResponse:
    """Withdraw a discount that waits: 303 done, 409 refused."""
    found = DiscountRequest.objects.filter(may_see(request.user), pk=request_id).first()
    if found is None:
        raise Http404
    _demand(request.seat, found.entity_id)
    try:
        withdraw_item_discount(request_id=request_id, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, _place(found.customer_id), _("The proposal is withdrawn."))


@write
def end(request: DeskRequest, item_id: int) -> HttpResponse:
    """End the discount on an item: 303 done."""
    terms = DiscountTerms.objects.select_related("item").filter(item_id=item_id).first()
    if terms is None or terms.item is None:
        raise Http404
    customer = visible_customer(request.seat, terms.item.customer_id)
    request.seat.demand(Action.APPROVE, customer.entity_id)
    agree_discount(
        item_id=item_id, share_ppm=0, days=terms.days, starts_on=terms.starts_on, actor=request.user,
        now=request.seat.now,
    )  # fmt: skip
    return done(request, _place(customer.pk), _("There is no discount for early payment on this item any more."))


def _may_propose(seat: Seat, entity_id: int) -> bool:
    """Tell whether the user may propose: who works on customers, and who may agree."""
    return seat.may(Action.WORK, entity_id) or seat.may(Action.APPROVE, entity_id)


def _demand(seat: Seat, entity_id: int) -> None:
    """Go on only when the user may propose. Raises PermissionDenied."""
    if not _may_propose(seat, entity_id):
        seat.demand(Action.WORK, entity_id)


def _place(customer_id: int) -> str:
    return reverse("desk:contracts", args=[customer_id])
