"""The installment agreement as data for its layout: the parties, what is owed, the parts, the clauses. Per language."""

import tomllib
from calendar import month_name
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

from huikuan.arrangements.models import Plan
from huikuan.arrangements.models.plan import PlanState
from huikuan.documents.rendering import render_pdf
from huikuan.kernel.money import format_money, uppercase_rmb

LAYOUT: Final = "agreement"
CHINESE: Final = "zh-hans"
ENGLISH: Final = "en"
UNAPPROVED: Final = (PlanState.DRAFTED, PlanState.PROPOSED)

Piece = dict[str, Any]


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return the words of the agreement in a language: Chinese for zh-…, else English."""
    name = CHINESE if language.lower().startswith("zh") else ENGLISH
    return tomllib.loads(
        files("huikuan.arrangements").joinpath("agreement_texts", f"{name}.toml").read_text(encoding="utf-8")
    )


def agreement_pdf(plan: Plan, *, language: str) -> bytes:
    """Return the agreement to be signed, as PDF; marked as a draft until the plan is approved."""
    name = CHINESE if language.lower().startswith("zh") else ENGLISH
    return render_pdf(layout=LAYOUT, data=agreement_data(plan, language=name), language=name)


def agreement_data(plan: Plan, *, language: str) -> dict[str, Any]:
    """Return what the layout draws; every amount and day as people read it."""
    return _Writer(plan, language).data()


class _Writer:
    """One agreement in one language."""

    def __init__(self, plan: Plan, language: str) -> None:
        self.plan, self.language, self.say = plan, language, texts(language)
        self.installments = list(plan.installments.order_by("number"))
        self.lines = list(plan.lines.select_related("item").order_by("item__due_on", "item_id"))

    def money(self, minor: int) -> str:
        return format_money(minor, self.plan.currency, self.language)

    def day(self, day: date) -> str:
        return self.say["date"].format(year=day.year, month=day.month, day=day.day, month_name=month_name[day.month])

    def words(self) -> dict[str, str]:
        """Return the words that clauses may name."""
        plan = self.plan
        return {
            "penalty_on": self.day(plan.penalty_on),
            "principal": self.money(plan.principal_minor),
            "penalty": self.money(plan.penalty_minor),
            "penalty_all": self.money(plan.penalty_minor + plan.waived_minor),
            "waived": self.money(plan.waived_minor) if plan.waived_minor else "",
            "total": self.money(plan.total_minor),
            "count": str(len(self.installments)),
            "capitals": uppercase_rmb(plan.total_minor) if plan.currency == "CNY" else "",
            "bank_account": plan.entity.bank_account,
            "replaced": "" if plan.replaces is None else plan.replaces.number,
        }

    def clause(self, key: str) -> list[Piece]:
        """Return a clause as a paragraph; nothing when what it names is empty."""
        text, words = self.say[key], self.words()
        if not text or any(f"{{{name}}}" in text and not value for name, value in words.items()):
            return []
        return [{"kind": "paragraph", "text": text.format(**words)}]

    def heading(self, key: str) -> Piece:
        return {"kind": "heading", "text": self.say[key]}

    def section(self, heading: str, *clauses: str) -> list[Piece]:
        """Return a heading with its clauses; nothing when none of them is left."""
        said = [piece for clause in clauses for piece in self.clause(clause)]
        return [self.heading(heading), *said] if said else []

    def data(self) -> dict[str, Any]:
        plan, say = self.plan, self.say
        entity, customer = plan.entity, plan.customer
        dated = plan.agreed_on or plan.penalty_on
        second = entity.name_en if self.language == CHINESE else entity.name
        name = entity.name if self.language == CHINESE or not entity.name_en else entity.name_en
        signing = [say["signatory"], say["stamp"], say["signed_on"]]
        return {
            "title": say["title"],
            "number": plan.number,
            "dated": dated.isoformat(),
            "draft": plan.state in UNAPPROVED,
            "labels": {"page": say["page"], "to": say["to"], "draft": say["draft"]},
            "letterhead": {
                "name": name,
                "second": second if second != name else "",
                "lines": [line for line in (entity.address, entity.phone, entity.email_from) if line],
            },
            "meta": [[say["number"], plan.number], [say["dated"], self.day(dated)]],
            "parties": [
                {"role": say["creditor"], "name": name, "signing": signing, "lines": self._of_party(entity)},
                {"role": say["debtor"], "name": customer.name, "signing": signing, "lines": self._of_party(customer)},
            ],
            "body": [
                self.heading("claim_heading"),
                *self.clause("claim"),
                self._items(),
                self.heading("schedule_heading"),
                *self.clause("schedule"),
                self._parts(),
                *self.clause("capitals"),
                *self.section("pay_heading", "pay", "imputation"),
                *self.section("penalty_heading", "penalty_kept", "penalty_waived"),
                *self.section("default_heading", "default"),
                *self.section("limitation_heading", "limitation", "replaces", "copies"),
            ],
        }

    def _of_party(self, party: Any) -> list[str]:  # noqa: ANN401  the creditor or the debtor
        """Return what identifies a party beside its name."""
        number, address = party.registration_no, getattr(party, "address", "")
        lines = [f"{self.say['registration']} {number}" if number else "", address]
        return [line for line in lines if line]

    def _items(self) -> Piece:
        say, plan = self.say, self.plan
        return {
            "kind": "table",
            "titles": [say["column_item"], say["column_due"], say["column_principal"], say["column_penalty"]],
            "numbers": [2, 3],
            "rows": [
                [line.item.number, self.day(line.item.due_on), self.money(line.principal_minor),
                 self.money(line.penalty_minor)]
                for line in self.lines
            ],
            "total": [say["sum"], "", self.money(plan.principal_minor), self.money(plan.penalty_minor)],
        }  # fmt: skip

    def _parts(self) -> Piece:
        say = self.say
        return {
            "kind": "table",
            "titles": [say["column_part"], say["column_day"], say["column_amount"]],
            "numbers": [2],
            "rows": [
                [str(part.number), self.day(part.due_on), self.money(part.amount_minor)] for part in self.installments
            ],
            "total": [say["sum"], "", self.money(self.plan.total_minor)],
        }
