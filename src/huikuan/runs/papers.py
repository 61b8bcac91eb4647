"""The papers behind claims: contracts and penalty terms, read for several claims at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from huikuan.receivables.models import Contract, PenaltyTerms
from huikuan.runs.claim import Claim, Row


@dataclass(frozen=True, slots=True)
class Papers:
    """The contracts that claims rest on, and what they make lateness cost."""

    contracts: dict[int, Contract]
    terms: dict[int, PenaltyTerms]

    def contracts_of(self, rows: Iterable[Row]) -> list[Contract]:
        """Return the contracts of listed items, by number."""
        cited = {row["contract_id"] for row in rows if row["contract_id"] is not None}
        return sorted((self.contracts[contract_id] for contract_id in cited), key=lambda each: each.number)


def papers_of(claims: Iterable[Claim]) -> Papers:
    """Read the contracts and penalty terms of all items of these claims. Two queries."""
    rows = [row for claim in claims for row in (*claim.overdue, *claim.upcoming)]
    contracts = {row["contract_id"] for row in rows} - {None}
    terms = {row["terms_id"] for row in rows} - {None}
    return Papers(
        contracts=Contract.objects.in_bulk(contracts) if contracts else {},
        terms=PenaltyTerms.objects.in_bulk(terms) if terms else {},
    )
