"""Letters composed from the same claim, terms and words as the e-mails (`runs.compose`), drawn by their layout."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from huikuan.kernel.money import uppercase_rmb
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.commands.letters import NUMBER_PLACE, LetterContent, seal_image
from huikuan.outreach.letters import BY_LAWYERS, LetterText, letter_words, on_firms_paper
from huikuan.outreach.models import Delivery
from huikuan.outreach.queries.texts import letter_for
from huikuan.outreach.rules.html import Block
from huikuan.outreach.rules.kinds import HEADING
from huikuan.outreach.rules.table import Table
from huikuan.parties.models import ContactPerson, Customer
from huikuan.policy.queries import PolicyInForce, policy_in_force
from huikuan.policy.rules.schema import Policy, Step
from huikuan.runs.claim import Claim, claim_on
from huikuan.runs.compose import facts_of, terms_of
from huikuan.runs.speech import Speech, one_line
from huikuan.runs.wording import Terms, Writer

Piece = dict[str, Any]


class NothingToDemand(Refusal):
    """A letter that demands nothing must not be written."""

    code = "runs.nothing-to-demand"
    text = gettext_noop(
        "Nothing can be demanded of {customer} in {currency} on {day}: nothing is overdue, everything overdue is on "
        "hold, or money on account covers it."
    )


class CustomerExcluded(Refusal):
    """The policy writes to nobody here."""

    code = "runs.customer-excluded"
    text = gettext_noop("The policy contacts nobody at {customer}.")


def letter_content(
    *,
    customer: Customer,
    currency: str,
    template: str,
    today: date,
    language: str = "",
    person: ContactPerson | None = None,
    step_code: str = "",
    text: LetterText | None = None,
) -> LetterContent:
    """Return everything a letter says, from the ledger and the policy as they stand on the day.

    Dates and consequences are those that the policy in force gives to the step: without a policy, or without a step
    for this letter, it sets no time limit and announces nothing.

    Args:
        customer: With its entity and collector.
        currency: One letter, one currency.
        template: A kind of letter.
        today: The day of the letter, on the creditor's calendar.
        language: "zh-hans" or "en"; "" takes the customer's.
        person: To whose attention.
        step_code: The step it belongs to; "" takes the first step of the policy with this notice or name.
        text: Not yet in use, to be tried; None takes the one in use.

    Raises: NothingToDemand, CustomerExcluded, LetterTextUnknown.
    """
    text = text or letter_for(customer=customer, name=template, language=language or customer.language, as_of=today)
    in_force = policy_in_force(customer.entity_id, today)
    policy = None if in_force is None else _policy_for(customer, in_force)
    delivery = _as_delivery(customer, person, currency=currency, template=template, step_code=step_code, today=today)
    claim = claim_on(delivery, today, from_due_day=policy is not None and policy.counts_from_due_day)
    if not claim.overdue or not claim.due_minor:
        raise NothingToDemand(customer=customer.name, currency=currency, day=today)
    step = None if policy is None else _step(policy, template, step_code)
    terms = Terms() if step is None else terms_of(step, claim, delivery)
    writer = Writer(claim, Speech(text.template.language, currency, today))
    words = writer.words(delivery, terms)
    rendered = text.template.render(words)
    data, images = _laid_out(_Page(delivery, writer, terms, rendered.subject), rendered.blocks)
    return LetterContent(
        template=template,
        template_sha256=text.sha256,
        language=text.template.language,
        currency=currency,
        as_of=today,
        data=data,
        facts={**facts_of(claim, terms), **text.facts, "template": template, "policy_version": _number_of(in_force)},
        words=f"{rendered.subject}\n{rendered.text}",
        addressee=one_line(customer.name),
        address=one_line(customer.address),
        principal_minor=claim.due_minor,
        penalty_minor=claim.penalty_minor,
        item_count=len(claim.overdue),
        deadline_on=terms.deadline,
        step_code="" if step is None else step.code,
        person_id=None if person is None else person.pk,
        images=images,
    )


def _laid_out(page: "_Page", blocks: Sequence[Block]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return what the layout is given, and its images: our seal, unless a law firm signs."""
    name, images = seal_image(page.delivery.entity.seal)
    data = page.data(blocks) | {"seal": name}
    return (on_firms_paper(data, page.say), {}) if page.delivery.template in BY_LAWYERS else (data, images)


def _policy_for(customer: Customer, in_force: PolicyInForce) -> Policy:
    """Return the policy, which must not exclude the customer. Raises CustomerExcluded."""
    if customer.code in in_force.policy.excluded_customers:
        raise CustomerExcluded(customer=customer.name)
    return in_force.policy


def _number_of(in_force: PolicyInForce | None) -> int | None:
    return None if in_force is None else in_force.version.number


def _as_delivery(
    customer: Customer, person: ContactPerson | None, *, currency: str, template: str, step_code: str, today: date
) -> Delivery:
    """Return what the writers of notices ask for: whose claim, in which currency. It is never saved."""
    return Delivery(
        entity=customer.entity,
        customer=customer,
        person=person,
        currency=currency,
        template=template,
        step_code=step_code,
        as_of=today,
    )


def _step(policy: Policy, template: str, step_code: str) -> Step | None:
    """Return the step that a letter belongs to: the named one, else the first with its text or its name."""
    for ladder in policy.ladders.values():
        for step in ladder.steps:
            named = {step.code, step.notice.template if step.notice else ""}
            is_meant = step.code == step_code if step_code else template in named
            if is_meant:
                return step
    return None


class _Page:
    """Puts one letter together for the layout."""

    def __init__(self, delivery: Delivery, writer: Writer, terms: Terms, title: str) -> None:
        self.title = title
        self.delivery = delivery
        self.claim: Claim = writer.claim
        self.speech = writer.speech
        self.terms = terms
        self.say = letter_words(writer.speech.language)
        self.around = writer.speech.around(delivery)

    def data(self, blocks: Sequence[Block]) -> dict[str, Any]:
        """Return what `layouts/letter.typ` is given."""
        entity, person = self.delivery.entity, self.delivery.person
        today = self.around["today"]
        attention = [] if person is None else [self.say["attention"].format(name=one_line(person.name))]
        address = one_line(self.delivery.customer.address)
        letterhead = [
            one_line(entity.address),
            self._labeled("phone", entity.phone),
            one_line(entity.email_from),
            self._labeled("registration_no", entity.registration_no),
        ]
        body = [piece for number, block in enumerate(blocks) for piece in self._pieces(block, is_first=not number)]
        _keep_with_signature(body)
        to = [line for line in (address, *attention) if line]
        return {
            "title": self.title,
            "number": NUMBER_PLACE,
            "dated": self.claim.as_of.isoformat(),
            "letterhead": {
                "name": self.around["entity_name"],
                "second": self._other_name(),
                "lines": [line for line in letterhead if line],
            },
            "labels": {"to": self.say["to"], "page": self.say["page"], "draft": self.say["draft"]},
            "addressee": {"name": self.around["customer_name"], "lines": to},
            "meta": [[self.say["number"], NUMBER_PLACE], [self.say["dated"], today]],
            "body": body,
            "signature": {"name": self.around["entity_name"], "day": today},
        }

    def _other_name(self) -> str:
        """Return the entity's name in the other language, for the right of the letterhead."""
        entity = self.delivery.entity
        other = entity.name_en if self.speech.language.startswith("zh") else entity.name
        return "" if one_line(other) == self.around["entity_name"] else one_line(other)

    def _labeled(self, key: str, value: str) -> str:
        return self.say[key].format(value=one_line(value)) if value.strip() else ""

    def _pieces(self, block: Block, *, is_first: bool) -> list[Piece]:
        """Turn a paragraph or table of the text into what the layout draws."""
        if isinstance(block, Table):
            return [
                {
                    "kind": "table",
                    "titles": list(block.titles),
                    "rows": [list(row) for row in block.rows],
                    "numbers": sorted(block.numbers),
                    "total": list(block.total),
                }
            ]
        lines = [line.strip() for line in block]
        panels = {"[sums]": self._sums, "[payment]": self._payment, "[slip]": self._slip, "[signature]": _signature}
        if lines[0] in panels:
            piece = panels[lines[0]]()
            return [piece] if piece else []
        if lines[0].startswith(HEADING):
            return [{"kind": "heading", "text": lines[0].removeprefix(HEADING).rstrip(":：")}]
        sentences = ("" if self.speech.language.startswith("zh") else " ").join(lines)
        return [{"kind": "paragraph", "text": sentences, "is_indented": not is_first}]

    def _sums(self) -> Piece:
        """Return the panel that adds up what is to be paid, and until when."""
        claim, say, money = self.claim, self.say, self.speech.amount
        total = claim.due_minor + claim.penalty_minor
        rows = [[say["sums.amount"], money(claim.overdue_minor)]]
        if claim.on_account_minor:
            rows += [
                [say["sums.on_account"], money(min(claim.on_account_minor, claim.overdue_minor))],
                [say["sums.due"], money(claim.due_minor)],
            ]
        if claim.penalty_minor:
            rows.append([say["sums.penalty"].format(today=self.around["today"]), money(claim.penalty_minor)])
        rows.append([say["sums.total"], money(total)])
        if claim.currency == "CNY" and self.speech.language.startswith("zh"):
            rows.append([say["sums.capitals"], uppercase_rmb(total)])
        if self.terms.deadline is not None:
            until = say["sums.until"].format(deadline=self.speech.day(self.terms.deadline))
            rows.append([say["sums.deadline"], until])
        strong = [say["sums.total"], say["sums.deadline"]]
        return {"kind": "panel", "title": say["sums.title"], "rows": rows, "strong": strong}

    def _payment(self) -> Piece:
        """Return the panel that says how to pay and whom to call; what is not known is left out."""
        say, around = self.say, self.around
        caller = [around[name] for name in ("call_name", "call_phone", "call_email") if around[name]]
        rows = [
            [say["payment.account"], around["bank_account"]],
            [say["payment.online"], around["payment_url"]],
            [say["payment.reference"], NUMBER_PLACE],
            [say["payment.contact"], "    ".join(caller)],
        ]
        return {"kind": "panel", "title": say["payment.title"], "rows": [row for row in rows if row[1]], "strong": []}

    def _slip(self) -> Piece:
        say = self.say
        text = say["slip.text"].format(
            entity=self.around["entity_name"],
            today=self.around["today"],
            title=self.title,
            number=NUMBER_PLACE,
            amount=self.speech.amount(self.claim.overdue_minor),
        )
        rows = [say["slip.stamp"], say["slip.name"], say["slip.date"], say["slip.phone"]]
        return {"kind": "slip", "title": say["slip.title"], "text": text, "rows": rows}


def _signature() -> Piece:
    return {"kind": "signature"}


def _keep_with_signature(body: list[Piece]) -> None:
    """Hold the last words together with the signature: a seal alone on a page proves nothing."""
    for number, piece in enumerate(body):
        if piece["kind"] == "signature":
            for before in body[max(0, number - 2) : number]:
                before["is_sticky"] = True
