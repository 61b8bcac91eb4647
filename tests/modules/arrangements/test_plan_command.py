"""`huikuan plan calculate`: the parts, and what they are in the books."""

import json

from click.testing import CliRunner

from huikuan.cli.plan import calculate

WORDS = ["--total", "100", "--currency", "USD", "--parts", "3", "--start", "2026-12-01"]


def run(*words):
    return CliRunner().invoke(calculate, [*WORDS, *words])


def test_the_parts_in_the_books():
    answer = json.loads(run("--in-books", "712.34", "--json").stdout)
    parts = [(part["amount"], part["in_books"], part["in_books_minor"]) for part in answer["installments"]]
    assert parts == [("33.33", "237.42", 23742), ("33.33", "237.42", 23742), ("33.34", "237.50", 23750)]
    assert (answer["currency"], answer["books_currency"], answer["booked_minor"]) == ("USD", "CNY", 71234)


def test_the_column_is_there_when_it_is_asked_for():
    assert "In the books" not in run().stdout
    shown = run("--in-books", "20000", "--books-currency", "JPY").stdout.splitlines()
    assert shown[0].rstrip().endswith("In the books")
    assert [line.split()[-1] for line in shown[1:]] == ["6666", "6666", "6668"]


def test_books_that_carry_nothing():
    answer = run("--in-books", "0.00")
    assert answer.exit_code != 0
    assert "more than zero" in answer.output
