"""The account statement by the book: one account, one document after the other."""

from datetime import date


def statement(documents, starts_on: date, ends_on: date):
    """Return opening balance, lines (day, side, number, amount, balance after) and closing balance of one account.

    documents: (day, side, number, amount as the balance moves).
    """
    opening = sum(amount for day, _side, _number, amount in documents if day < starts_on)
    rank = ("ITEM", "CREDIT_NOTE", "RECEIPT", "WRITE_OFF").index
    within = [each for each in documents if starts_on <= each[0] <= ends_on]
    balance, lines = opening, []
    for day, side, number, amount in sorted(within, key=lambda each: (each[0], rank(each[1]), each[2], each[3])):
        balance += amount
        lines.append((day, side, number, amount, balance))
    return opening, lines, balance
