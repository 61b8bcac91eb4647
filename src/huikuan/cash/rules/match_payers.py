"""Whose money a line is: every customer for whom something speaks, with the reasons."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from huikuan.cash.rules.match_book import Book, Item, Page, payer_key
from huikuan.cash.rules.match_evidence import WHO
from huikuan.cash.rules.match_text import Atom, atoms_of, ends_of, key_of, mentions

CHILDREN_MAX: Final = 20
"""For a parent of more customers its name alone selects none of them."""

CUSTOMERS_MAX: Final = 30

_PLAIN_NAMES: Final = frozenset({"NAME_EQUAL", "NAME_CORE", "NAME_BRANCH"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Money that came in, as the bank told it. `charges_minor`: already taken off the amount."""

    line_id: int
    received_on: date
    currency: str
    amount_minor: int
    payer_name: str = ""
    payer_account: str = ""
    text: str = ""
    charges_minor: int = 0


@dataclass(slots=True)
class Payer:
    """A customer whose money it may be: why, and which of his items the text names."""

    customer_id: int
    reasons: set[str] = field(default_factory=set)
    named: list[Item] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Read:
    """A line with its text cut once, and the payers found so far."""

    line: Line
    atoms: list[Atom]
    payers: dict[int, Payer] = field(default_factory=dict)
    unclear: list[list[Item]] = field(default_factory=list)

    def payer(self, customer_id: int) -> Payer:
        """Return the customer as a payer of this line."""
        return self.payers.setdefault(customer_id, Payer(customer_id))

    @property
    def ends(self) -> set[str]:
        """Return what in the text may be the end of a number."""
        return ends_of(self.atoms)


def read(line: Line) -> Read:
    """Cut the text of a line into atoms."""
    return Read(line, atoms_of(line.text))


def find_payers(found: Read, book: Book, page: Page) -> None:
    """Add every customer for whom something in the line speaks."""
    _by_number(found, page)
    _by_code(found, book)
    _by_account(found, book)
    other = _by_name(found, book)
    if not any(payer.reasons & {"ITEM_NUMBER", "ITEM_RANGE"} for payer in found.payers.values()):
        for hit in book.names.in_text(found.line.text):
            found.payer(hit.customer_id).reasons.add("TEXT_NAME")
    owner = page.owner_of.get((found.line.currency, found.line.amount_minor))
    if not found.payers and owner is not None:
        found.payer(owner)
    for payer in found.payers.values():
        if other and payer.customer_id not in other and not _speaks_for(payer, {"NAME", "ACCOUNT", "TEXT"}):
            payer.reasons.add("OTHER_PAYER")
        for items in found.unclear:
            mine = [item for item in items if item.customer_id == payer.customer_id]
            if len(mine) == 1:
                payer.named.append(mine[0])
    if len(found.payers) > CUSTOMERS_MAX:
        found.payers = {key: payer for key, payer in found.payers.items() if payer.named}


def _speaks_for(payer: Payer, kinds: set[str]) -> bool:
    return any(WHO[reason][0] in kinds for reason in payer.reasons)


def _by_number(found: Read, page: Page) -> None:
    """Find the customers whose items the text names. A number that several customers have waits for other reasons."""
    for mention in mentions(found.atoms, page.numbers):
        items, is_whole = page.numbers[mention.key]
        reason = ("ITEM_RANGE" if mention.is_derived else "ITEM_NUMBER") if is_whole else "ITEM_TAIL"
        if len({item.customer_id for item in items}) > 1 or len(items) > 1:
            found.unclear.append(items)
            continue
        if mention.is_derived and items[0].customer_id not in found.payers:
            continue
        payer = found.payer(items[0].customer_id)
        payer.reasons.add(reason)
        payer.named.append(items[0])


def _by_code(found: Read, book: Book) -> None:
    """Find the customers whose code, registration number or contract the text or the name holds."""
    for mention in (*mentions(found.atoms, book.codes), *mentions(atoms_of(found.line.payer_name), book.codes)):
        named = book.codes[mention.key]
        if len({customer_id for customer_id, _ in named}) == 1 and not mention.is_derived:
            for customer_id, reason in named:
                found.payer(customer_id).reasons.add(reason)


def _by_account(found: Read, book: Book) -> None:
    """Find the customers for whom this account paid before."""
    key = key_of(found.line.payer_account)
    customers = book.learned.get(("ACCOUNT", key), []) if key else []
    for customer_id in customers[:CHILDREN_MAX]:
        found.payer(customer_id).reasons.add("ACCOUNT_KNOWN" if len(customers) == 1 else "ACCOUNT_SHARED")


def _by_name(found: Read, book: Book) -> set[int]:
    """Find the customers of this name, and those of whom it is the parent. Return those whose plain name it is."""
    name = found.line.payer_name
    learned = book.learned.get(("NAME", payer_key(name)), []) if name else []
    if len(learned) == 1:
        found.payer(learned[0]).reasons.add("NAME_LEARNED")
    hits = book.names.find(name) if name else ()
    for hit in hits:
        found.payer(hit.customer_id).reasons.add(hit.reason)
        children = book.children.get(hit.customer_id, ())
        if hit.reason != "NAME_SHARED" and len(children) <= CHILDREN_MAX:
            _add(found, children, "NAME_PARENT")
    plain = {hit.customer_id for hit in hits if hit.reason in _PLAIN_NAMES}
    return plain | {child for parent in plain for child in book.children.get(parent, ())}


def _add(found: Read, customer_ids: Iterable[int], reason: str) -> None:
    for customer_id in customer_ids:
        found.payer(customer_id).reasons.add(reason)
