"""Letters of one customer and one letter: made, previewed, posted, followed, proved."""

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.desk.access import DeskRequest, Seat, page, visible_customer, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page, refused
from huikuan.desk.forms.letters import LetterForm, NewsForm, PostingForm
from huikuan.desk.forms.text import tidy
from huikuan.desk.queries.letters import letter_of, letters_of
from huikuan.desk.queries.paging import Place
from huikuan.desk.tabs import tab_context
from huikuan.documents.docx import letter_docx
from huikuan.journal.files import read_file
from huikuan.journal.models import StoredFile
from huikuan.kernel.refusal import Refusal
from huikuan.outreach.commands.letters import cancel_letter, draw_preview, pdf_of
from huikuan.outreach.commands.posting import keep_receipt
from huikuan.outreach.models import Letter
from huikuan.parties.commands.letterhead import set_postal_address
from huikuan.parties.models import ContactPerson, Customer
from huikuan.parties.queries import may_see
from huikuan.parties.rules.rights import Action
from huikuan.receivables.models import OpenItem
from huikuan.runs.commands.letters import hear_of_letter, post_letter, write_letter
from huikuan.runs.letters import letter_content

REASON_MAX = 300
PDF, DOCX = "application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@page
def of_customer(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Show a customer's letters, and the form for a new one."""
    return _draw_customer(request, customer_id)


def _draw_customer(
    request: DeskRequest, customer_id: int, form: LetterForm | None = None, status: int = 200
) -> HttpResponse:
    frame = tab_context(request.seat, customer_id)
    customer: Customer = frame["customer"]
    may_work = request.seat.may(Action.WORK, customer.entity_id)
    context = frame | {
        "listed": letters_of(customer_id, Place.read(request.GET.dict())),
        "form": (form or _form(customer)) if may_work else None,
        "may_work": may_work,
        "query": {},
    }
    return render(request, "desk/customer_letters.html", context, status=status)


def _form(customer: Customer, data: dict[str, str] | None = None) -> LetterForm:
    owed = OpenItem.objects.filter(customer=customer, open_minor__gt=0).order_by().values_list("currency", flat=True)
    currencies = sorted({*owed.distinct()} or {customer.currency})
    return LetterForm(
        data,
        language="zh-hans" if customer.language.startswith("zh") else "en",
        address=customer.address,
        other_address=customer.other_address,
        persons=list(ContactPerson.objects.filter(customer=customer).order_by("name")),
        currencies=currencies,
    )


@write
def make(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Write a letter: 303 to it, 409 refused, 422 ill-filled. With "preview" it is drawn as a draft and not kept."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.WORK, customer.entity_id)
    form = _form(customer, request.POST.dict())
    if not form.is_valid():
        return _draw_customer(request, customer_id, form, ILL_FILLED)
    said = form.cleaned_data
    try:
        if "preview" in request.POST:
            return _draft(request.seat, customer, said)
        if (said["address"], said["other_address"]) != (customer.address, customer.other_address):
            set_postal_address(
                customer_id=customer_id, address=said["address"], other_address=said["other_address"],
                actor=request.user, now=request.seat.now,
            )  # fmt: skip
        letter = write_letter(
            customer_id=customer_id,
            currency=said["currency"],
            template=said["template"],
            language=said["language"],
            person_id=said["person"],
            actor=request.user,
            now=request.seat.now,
        )
    except Refusal as no:
        return _draw_customer(request, customer_id, form, refused(form, no))
    return done(request, _page_of(letter), _("Letter {number} is made.").format(number=letter.number))


def _draft(seat: Seat, customer: Customer, said: dict[str, Any]) -> HttpResponse:
    """Return the draft of a letter as a PDF. Raises the refusals of `letter_content`."""
    customer.address = str(said["address"])
    person_id = said["person"]
    person = ContactPerson.objects.filter(customer=customer, pk=person_id).first() if person_id else None
    content = letter_content(
        customer=customer,
        currency=str(said["currency"]),
        template=str(said["template"]),
        today=seat.today,
        language=str(said["language"]),
        person=person,
    )
    return _file(draw_preview(content), PDF, "draft.pdf")


def _own(request: DeskRequest, letter_id: int, action: Action | None = None) -> Letter:
    """Return a letter that the user may see. Raises Http404, and PermissionDenied when he may not do the action."""
    found = (
        Letter.objects.select_related("customer", "entity", "pdf", "made_by")
        .filter(may_see(request.user), pk=letter_id)
        .first()
    )
    if found is None:
        raise Http404
    if action is not None:
        request.seat.demand(action, found.entity_id)
    return found


def _page_of(letter: Letter) -> str:
    return reverse("desk:letter", args=[letter.pk])


@page
def show(request: DeskRequest, letter_id: int) -> HttpResponse:
    """Show one letter: its amounts, where it is, its proof."""
    return _draw(request, _own(request, letter_id))


def _draw(
    request: DeskRequest,
    letter: Letter,
    *,
    posting: PostingForm | None = None,
    news: NewsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "detail": letter_of(letter),
        "posting": posting or PostingForm(now=request.seat.now),
        "news": news or NewsForm(now=request.seat.now),
        "may_work": request.seat.may(Action.WORK, letter.entity_id),
    }
    return render(request, "desk/letter.html", context, status=status)


@page
def pdf(request: DeskRequest, letter_id: int) -> HttpResponse:
    """Send the letter as it was stored."""
    letter = _own(request, letter_id)
    return _or_refusal(request, lambda: _file(pdf_of(letter), PDF, f"{letter.number}.pdf"))


@page
def docx(request: DeskRequest, letter_id: int) -> HttpResponse:
    """Send the letter as a Word document, for a lawyer's hand."""
    letter = _own(request, letter_id)
    request.seat.demand(Action.EXPORT, letter.entity_id)
    return _file(letter_docx(letter.data, language=letter.language), DOCX, f"{letter.number}.docx", inline=False)


@write
def post(request: DeskRequest, letter_id: int) -> HttpResponse:
    """Record that a letter was handed to the post: 303 done, 409 refused, 422 ill-filled."""
    letter = _own(request, letter_id, Action.WORK)
    form = PostingForm(request.POST, now=request.seat.now)
    if not form.is_valid():
        return _draw(request, letter, posting=form, status=ILL_FILLED)
    try:
        post_letter(letter_id=letter_id, actor=request.user, now=request.seat.now, **form.cleaned_data)
    except Refusal as no:
        return _draw(request, letter, posting=form, status=refused(form, no))
    return done(request, _page_of(letter), _("The posting is recorded."))


@write
def hear(request: DeskRequest, letter_id: int) -> HttpResponse:
    """Record what the post says: 303 done, 409 refused, 422 ill-filled."""
    letter = _own(request, letter_id, Action.WORK)
    form = NewsForm(request.POST, now=request.seat.now)
    if not form.is_valid():
        return _draw(request, letter, news=form, status=ILL_FILLED)
    try:
        hear_of_letter(letter_id=letter_id, actor=request.user, now=request.seat.now, **form.cleaned_data)
    except Refusal as no:
        return _draw(request, letter, news=form, status=refused(form, no))
    return done(request, _page_of(letter), _("Recorded."))


@write
def receipt(request: DeskRequest, letter_id: int) -> HttpResponse:
    """Keep the photo or scan of a receipt: 303 done, 409 refused."""
    letter = _own(request, letter_id, Action.WORK)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        return done(request, _page_of(letter))
    try:
        keep_receipt(
            letter_id=letter_id,
            content=file.read(),
            name=file.name or "receipt",
            media_type=file.content_type or "",
            actor=request.user,
            now=request.seat.now,
        )
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, _page_of(letter), _("The receipt is kept as evidence."))


@page
def receipt_file(request: DeskRequest, letter_id: int, file_id: int) -> HttpResponse:
    """Send a receipt of a letter, checked against its hash."""
    letter = _own(request, letter_id)
    stored = StoredFile.objects.filter(pk=file_id, subject_type="outreach.letter", subject_id=letter.pk).first()
    if stored is None:
        raise Http404
    return _or_refusal(request, lambda: _file(read_file(stored), stored.media_type, stored.name))


@write
def cancel(request: DeskRequest, letter_id: int) -> HttpResponse:
    """Withdraw a letter that was not posted: 303 done, 409 refused."""
    letter = _own(request, letter_id, Action.WORK)
    reason = tidy(request.POST, "reason", longest=REASON_MAX)
    try:
        cancel_letter(letter_id=letter_id, reason=reason, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, _page_of(letter), _("The letter is withdrawn."))


def _or_refusal(request: DeskRequest, answer: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        return answer()
    except Refusal as no:
        return refusal_page(request, no)


def _file(content: bytes, media_type: str, name: str, *, inline: bool = True) -> HttpResponse:
    """Send a file; a browser shows what it can."""
    answer = HttpResponse(content, content_type=media_type)
    way = "inline" if inline else "attachment"
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    answer["Content-Disposition"] = f'{way}; filename="{plain}"'
    return answer
