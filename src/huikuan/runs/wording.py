"""From the facts of a claim to the words of a notice: amounts, days, tables, sentences in the customer's language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from huikuan.kernel.money import uppercase_rmb
from huikuan.kernel.rates import format_rate, format_rate_decimal
from huikuan.outreach.models import Delivery
from huikuan.outreach.rules.table import Table
from huikuan.outreach.rules.template import Words
from huikuan.receivables.models import Contract, PenaltyTerms
from huikuan.runs.claim import Claim, Row
from huikuan.runs.papers import Papers, papers_of
from huikuan.runs.speech import Speech, one_line

TAKEN_OFF: Final = {"CAP": "cap", "CHARGED": "charged", "WAIVED": "waived"}
"""Lines of the calculation that take something off, and what they are called in the vocabulary."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the active policy lets this notice say: dates, offer, and the steps that may be announced."""

    deadline: date | None = None
    offer_until: date | None = None
    waive_ppm: int = 0
    waived_minor: int = 0
    announces: tuple[str, ...] = ()


class Writer:
    """Writes for one claim in one language."""

    def __init__(self, claim: Claim, speech: Speech, papers: Papers | None = None) -> None:
        """Take the facts and how they are said; `papers` where they were read for several claims at once."""
        self.claim = claim
        self.papers = papers_of([claim]) if papers is None else papers
        self.speech = speech
        self.say = speech.say

    def words(self, delivery: Delivery, terms: Terms) -> Words:
        """Return everything the templates may ask for."""
        claim, speech = self.claim, self.speech
        listed = claim.overdue or claim.upcoming
        contracts = self.papers.contracts_of(listed)
        words = {
            **speech.around(delivery),
            "item_count": str(len(claim.overdue) or ""),
            "item_numbers": self._numbers(listed),
            "amount": speech.money(claim.overdue_minor),
            "amount_in_capitals": self._capitals(claim.overdue_minor),
            "upcoming_count": str(len(claim.upcoming) or ""),
            "upcoming_amount": speech.money(claim.upcoming_minor),
            "upcoming_from": speech.day(min((row["due_on"] for row in claim.upcoming), default=None)),
            "on_account": speech.money(claim.on_account_minor),
            "amount_due": speech.money(claim.due_minor),
            "penalty": speech.money(claim.penalty_minor),
            "total_due": speech.money(claim.due_minor + claim.penalty_minor) if claim.penalty_minor else "",
            "first_due_on": speech.day(min((row["due_on"] for row in listed), default=None)),
            "days_overdue": str(max((row["days_overdue"] for row in claim.overdue), default="")),
            "clause": self._clauses(contracts),
            "penalty_terms": self._penalty_terms(listed),
            **self._of_policy(terms),
        }
        tables = {
            "items": self._items(claim.overdue),
            "upcoming_items": self._items(claim.upcoming),
            "penalty_lines": self._calculation(),
        }
        return Words(words, {name: table for name, table in tables.items() if table.rows})

    def bill(self, words: Words, discounts: Iterable[Row]) -> Words:
        """Return the words of a bill: what stands as upcoming is what is billed, with its `early_payments`."""
        billed = {
            "item_count": words.words["upcoming_count"],
            "amount": words.words["upcoming_amount"],
            "first_due_on": self.speech.day(min((row["due_on"] for row in self.claim.upcoming), default=None)),
            "item_numbers": self._numbers(self.claim.upcoming),
            "early_payment": "\n".join(self._early_payment(row) for row in discounts),
        }
        tables = {"items": words.tables["upcoming_items"]}
        return Words({**words.words, **billed}, tables)

    def _early_payment(self, row: Row) -> str:
        return self.say["early_payment"].format(
            number=one_line(row["number"]),
            share=format_rate(row["share_ppm"] * 1000),
            day=row["last_on"].isoformat(),
            payable=self.speech.amount(row["payable_minor"]),
            open=self.speech.amount(row["open_minor"]),
        )

    def _numbers(self, rows: list[Row]) -> str:
        """Return the number of the oldest item and how many more there are, for where no table fits."""
        if not rows:
            return ""
        first = one_line(rows[0]["number"])
        return self.say["numbers.more"].format(first=first, count=len(rows)) if len(rows) > 1 else first

    def _capitals(self, minor: int) -> str:
        """Return an amount of yuan in Chinese capitals (大写金额); "" elsewhere."""
        return uppercase_rmb(minor) if minor and self.claim.currency == "CNY" and self.is_chinese else ""

    @property
    def is_chinese(self) -> bool:
        """Tell whether it is written in Chinese."""
        return self.speech.language.startswith("zh")

    def _of_policy(self, terms: Terms) -> dict[str, str]:
        """Return the words whose dates and consequences only the policy may give."""
        steps = [self.say[f"announce.{code}"] for code in terms.announces if f"announce.{code}" in self.say]
        announced = self.say["announce.lead"].format(steps=self._joined("announce.join", steps)) if steps else ""
        claim = self.claim
        offer = {}
        if terms.offer_until is not None and terms.waived_minor:
            offer = {
                "offer_until": self.speech.day(terms.offer_until),
                "offer_share": format_rate(terms.waive_ppm * 1000),
                "offer_waived": self.speech.money(terms.waived_minor),
                "offer_amount": self.speech.money(claim.due_minor + claim.penalty_minor - terms.waived_minor),
            }
        return {"deadline": self.speech.day(terms.deadline), "announced": announced, **offer}

    def _joined(self, key: str, parts: list[str]) -> str:
        """Join parts with a word; in English a blank follows it."""
        glue = self.say[key]
        return (glue if self.is_chinese else f"{glue} ").join(parts)

    def _clauses(self, contracts: Iterable[Contract]) -> str:
        """Return the contracts that are cited, each with its clause where one is known."""
        cited = [
            self.say["clause" if contract.clause else "clause.contract"].format(
                number=one_line(contract.number), clause=one_line(contract.clause)
            )
            for contract in contracts
        ]
        return self._joined("clause.join", cited)

    def _penalty_terms(self, rows: list[Row]) -> str:
        """Return what lateness costs, when one answer holds for everything listed; "" otherwise."""
        ids = {row["terms_id"] for row in rows}
        terms = self.papers.terms.get(*ids) if len(ids) == 1 and None not in ids else None
        key = "" if terms is None else f"terms.{terms.kind}"
        if terms is None or key not in self.say:
            return ""
        if terms.kind == PenaltyTerms.Kind.REFERENCE and terms.rate_ppb:
            return ""  # a margin beside the multiple: the calculation says it better than a sentence
        return self.say[key].format(
            rate=format_rate(terms.rate_ppb),
            basis=terms.basis_days,
            reference=self.say.get(f"reference.{terms.reference_code}", terms.reference_code),
            multiple=format_rate_decimal(terms.multiple_ppm * 1000),
        )

    def _items(self, rows: list[Row]) -> Table:
        """Return the table of items; with days and penalty where they are overdue."""
        columns = ["number", "kind", "due_on", "amount", "open"]
        if any("days_overdue" in row for row in rows):
            columns += ["days", "penalty"] if self.claim.penalty_minor else ["days"]
        written = [self._item(row) for row in rows]
        total = {
            "number": self.say["total"],
            "open": self.speech.money(sum(row["due_minor"] for row in rows)),
            "penalty": self.speech.money(sum(row.get("penalty_minor", 0) + row.get("fee_minor", 0) for row in rows)),
        }
        return Table(
            titles=tuple(self.say[f"column.{column}"] for column in columns),
            rows=tuple(tuple(cells[column] for column in columns) for cells in written),
            numbers=frozenset(columns.index(name) for name in ("amount", "open", "days", "penalty") if name in columns),
            total=tuple(total.get(column, "") for column in columns) if len(rows) > 1 else (),
        )

    def _item(self, row: Row) -> dict[str, str]:
        number = one_line(row["number"])
        borne = row.get("penalty_minor", 0) + row.get("fee_minor", 0)
        return {
            "number": self.say["held_part"].format(number=number) if row["held_minor"] else number,
            "kind": self.say[f"kind.{row['kind']}"],
            "due_on": row["due_on"].isoformat(),
            "amount": self.speech.amount(row["amount_minor"]),
            "open": self.speech.amount(row["due_minor"]),
            "days": str(row.get("days_overdue", "")),
            "penalty": self.speech.amount(borne),
        }

    def _calculation(self) -> Table:
        """Return the lines of the penalty, which add up to it to the cent; no rows where there is none."""
        if not self.claim.penalty_minor:
            return Table((), ())
        columns = ("number", "period", "day_count", "base", "rate", "sum")
        rows = [self._calculation_line(line) for line in self.claim.lines]
        fees = [
            (one_line(row["number"]), self.say["fee"], "", "", "", self.speech.money(row["fee_minor"]))
            for row in self.claim.overdue
            if row["fee_minor"]
        ]
        return Table(
            titles=tuple(self.say[f"column.{column}"] for column in columns),
            rows=(*rows, *fees),
            numbers=frozenset({2, 3, 4, 5}),
            total=(self.say["total"], "", "", "", "", self.speech.money(self.claim.penalty_minor)),
        )

    def _calculation_line(self, line: Row) -> tuple[str, ...]:
        amount = self.speech.amount(line["amount_minor"])
        if line["kind"] in TAKEN_OFF:
            return (one_line(line["number"]), self.say[TAKEN_OFF[line["kind"]]], "", "", "", amount)
        return (
            one_line(line["number"]),
            self.say["period"].format(first=line["starts_on"].isoformat(), last=line["ends_on"].isoformat()),
            str(line["days"]),
            self.speech.amount(line["base_minor"]),
            daily_rate(line["rate_num"], line["rate_den"]),
            amount,
        )


def daily_rate(numerator: int, denominator: int) -> str:
    """Return a rate per day in percent; with ≈ where nine decimals do not hold it exactly."""
    exact = Fraction(numerator, denominator) * 10**9
    rounded = round(exact)
    return f"{'' if exact == rounded else '≈'}{format_rate(rounded)}"
