"""Files that tests import: written by the test, read as a user's file would be."""

import pytest
import xlsxwriter

from huikuan.adapters.tables.files import open_table
from huikuan.exchange.commands import ImportOptions, import_table
from huikuan.exchange.rules.lists import ListKind
from tests.people import NOON


@pytest.fixture
def importing(huatai, tmp_path):
    """Return a function that imports a text, bytes or rows (as a workbook) into Huatai."""

    def run(kind, content, *, entity=huatai, now=NOON, opened=None, **options):
        path = written(tmp_path, content)
        table = open_table(path, **(opened or {}))
        return import_table(table=table, kind=ListKind(kind), entity=entity, now=now, options=ImportOptions(**options))

    return run


def written(folder, content):
    """Write a file by what it is made of: text as UTF-8, bytes as they are, rows as a workbook."""
    if isinstance(content, list):
        path = folder / "file.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for at, row in enumerate(content):
                for position, value in enumerate(row):
                    put(book, sheet, at, position, value)
        return path
    path = folder / "file.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def put(book, sheet, at, position, value):
    """Write a cell as a spreadsheet program would: days with a format, ("=…", value) as a calculated formula."""
    if value is None:
        return
    if isinstance(value, tuple):
        sheet.write_formula(at, position, value[0], None, value[1])
    elif hasattr(value, "isoformat"):
        sheet.write_datetime(at, position, value, book.add_format({"num_format": "yyyy-mm-dd"}))
    else:
        sheet.write(at, position, value)


def codes(outcome):
    """Return the errors as (row, field, code without its area)."""
    return [(each.row, each.field, each.refusal.code.partition(".")[2]) for each in outcome.errors]


def remarks(outcome):
    """Return the warnings in the same way."""
    return [(each.row, each.field, each.refusal.code.partition(".")[2]) for each in outcome.warnings]


def counts(outcome):
    """Return created, updated, unchanged, refused."""
    return outcome.created, outcome.updated, outcome.unchanged, outcome.refused
