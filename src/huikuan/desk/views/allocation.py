"""What a receipt pays: the order previewed, and amounts by hand."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from huikuan.cash.commands.receive import allocate_money
from huikuan.desk.access import DeskRequest, read_or_write
from huikuan.desk.answers import ILL_FILLED, done, refused
from huikuan.desk.forms.money import ByHandForm
from huikuan.desk.tabs import tab_context
from huikuan.desk.views.money import page_of, receipt_for
from huikuan.kernel.refusal import Refusal
from huikuan.receivables.commands.allocations import Wish
from huikuan.receivables.models import Receipt
from huikuan.receivables.queries.preview import payables

BY_ORDER = "order"


@read_or_write
def show(request: DeskRequest, receipt_id: int) -> HttpResponse:
    """Preview what a receipt would pay, and take amounts by hand: 303 done, 409 refused, 422 ill-filled."""
    receipt = receipt_for(request, receipt_id)
    if receipt.customer_id is None:
        raise Http404
    form = ByHandForm(request.POST or None, payables=payables(receipt))
    if request.method != "POST":
        return _drawn(request, receipt, form, 200)
    if not form.is_valid():
        return _drawn(request, receipt, form, ILL_FILLED)
    reason = form.cleaned_data["reason"]
    wish = Wish(reason=reason) if BY_ORDER in request.POST else Wish(amounts=form.amounts(), reason=reason)
    try:
        allocate_money(receipt_id=receipt_id, wish=wish, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return _drawn(request, receipt, form, refused(form, no))
    return done(request, page_of(receipt.customer_id), _("The money is allocated."))


def _drawn(request: DeskRequest, receipt: Receipt, form: ByHandForm, status: int) -> HttpResponse:
    assert receipt.customer_id is not None  # noqa: S101  the view looked
    frame = tab_context(request.seat, receipt.customer_id)
    would = sum(each.pays_minor for each in form.payables)
    context = {
        **frame, "receipt": receipt, "form": form, "would_minor": would, "left_minor": receipt.unapplied_minor - would,
    }  # fmt: skip
    return render(request, "desk/allocation.html", context, status=status)
