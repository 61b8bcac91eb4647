"""Real bank files, where they lie beside the repository: each is read to its known totals, or refused for its reason.

The folder is named by HUIKUAN_SAMPLES, else `../shared/samples` beside the repository; without it there is nothing to
test here. The expected words stand in the decision record 0041.
"""

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from huikuan.adapters.bank_files import open_statement
from huikuan.cash.rules.judging import judge
from huikuan.cash.rules.statement import BankLine, Remark
from huikuan.kernel.money import currency_exponent
from huikuan.kernel.refusal import Refusal

BESIDE = Path(__file__).resolve().parents[3].parent / "shared" / "samples"
SAMPLES = Path(os.environ.get("HUIKUAN_SAMPLES") or BESIDE)
THERE = (SAMPLES / "truth.json").is_file()

WHOLE = "read whole"
REFUSED = {
    # SWIFT: fragments of statements
    "mt940_tests_betterplace_amount_formats.sta": "bank.field-misplaced",
    "mt940_tests_betterplace_empty_86.sta": "bank.field-misplaced",
    "mt940_tests_betterplace_empty_line.sta": "bank.statement-empty",
    "mt940_tests_betterplace_sepa_snippet_broken.sta": "bank.field-misplaced",
    "mt940_tests_cmxl_account_balance_debit.sta": "bank.closing-missing",
    "mt940_tests_cmxl_account_identification_legacy.sta": "bank.statement-empty",
    "mt940_tests_cmxl_closing_balance.sta": "bank.field-misplaced",
    "mt940_tests_cmxl_reference.sta": "bank.statement-empty",
    "mt940_tests_cmxl_statement_line.sta": "bank.field-misplaced",
    "mt940_tests_self-provided_invalid_statement.sta": "bank.headings-missing",
    "mt940_tests_self-provided_multiline.sta": "bank.field-misplaced",
    "mt940_tests_self-provided_sparkassen.sta": "bank.field-misplaced",
    # SWIFT: lines and balances that were made anonymous each by itself
    "mt940_tests_jejik_abnamro.sta": "bank.balance-wrong",
    "mt940_tests_jejik_ing.sta": "bank.balance-wrong",
    "mt940_tests_jejik_postfinance.sta": "bank.balance-wrong",
    "mt940_tests_jejik_rabobank.sta": "bank.balance-wrong",
    "mt940_tests_jejik_triodos.sta": "bank.balance-wrong",
    "mt940_tests_self-provided_details_60-63.sta": "bank.balance-wrong",
    "mt940_tests_self-provided_malformed_details.sta": "bank.balance-wrong",
    "mt940_tests_self-provided_raiffeisen-cmi.sta": "bank.balance-wrong",
    "mt940_tests_self-provided_whitespace.sta": "bank.balance-wrong",
    # camt: only pending, or balances of invention
    "test_data_camt052.v4.xml": "bank.nothing-booked",
    "test_data_camt052.v6.xml": "bank.nothing-booked",
    "test_data_camt053.v2.all-balance-types.xml": "bank.balance-wrong",
    "test_data_camt053.v2.minimal.ultimate.xml": "bank.currency-mixed",
    "test_data_camt053.v2.with-party-ids.xml": "bank.currency-mixed",
    "test_data_camt053.v3.xml": "bank.currency-mixed",
    "test_data_camt053.v8.xml": "bank.currency-mixed",
    # Chinese banks: masked balances and sums
    "example_abc_debit_example-abc_debit-records.csv": "bank.running-balance-wrong",
    "example_ccb_交易明细_xxxx_2025xxxx_2025xxxx.xls": "bank.running-balance-wrong",
    "example_cmb_debit_example-cmb-records.csv": "bank.running-balance-wrong",
    "example_hsbchk_debit_example-hsbchk-debit-records.csv": "bank.running-balance-wrong",
    "example_icbc_debit-v1_example-icbc-debit-v1-records.csv": "bank.cell-wrong",
    "example_wechat_example-wechat-records.xlsx": "bank.total-wrong",
}
RIGHT_WHERE_TRUTH_ERRS = {
    # RC, the reversal of a credit, takes money away: with it opening and lines make closing in all twenty statements.
    "mt940_tests_betterplace_sepa_mt9401.sta": (97, "5188474.94", "-14457610.84"),
    # The other parser stumbles over a reference of more than 16 characters.
    "mt940_tests_ASNB_mt940.txt": (8, "2828.90", "-2771.96"),
}
STOPPED_BEFORE_THE_END = {
    # Their lines stand outside a statement, where nothing says in which currency and of which account they are.
    "mt940_tests_cmxl_statement_line.sta",
    "mt940_tests_self-provided_multiline.sta",
    "mt940_tests_self-provided_sparkassen.sta",
}
CHINESE = {
    # Counted by hand from the files.
    "example_abc_debit_example-abc_debit-records.csv": (5, "10000.01", "-12355.89"),
    "example_boc_credit_example-boc-records.csv": (14, "989.84", "-1231.81"),
    "example_bocom_credit_example-bocom_credit-records.csv": (8, "805.27", "-73.58"),
    "example_ccb_交易明细_xxxx_2025xxxx_2025xxxx.xls": (6, "0", "-703.26"),
    "example_citic_credit_example-citic-records.xls": (13, "1.41", "-1098.80"),
    "example_cmb_debit_example-cmb-records.csv": (5, "1234.00", "-2013.14"),
    "example_hsbchk_debit_example-hsbchk-debit-records.csv": (10, "25505.45", "-3526.50"),
    "example_spdb_debit_example-spdb_debit-records.xls": (4, "10.00", "-11.64"),
    "example_wechat_example-wechat-records.xlsx": (16, "28.49", "-2904.53"),
}


def read(path: Path) -> tuple[int, Decimal, Decimal, str]:
    """Return entries, sum in, sum out as far as the file is read, and the code of its refusal."""
    entries: set[int] = set()
    moved = [Decimal(0), Decimal(0)]
    code = WHOLE
    try:
        source = open_statement(path, name=path.name)
        for part in source.parts():
            if isinstance(part, BankLine):
                entries.add(part.row)
                moved[part.amount_minor < 0] += Decimal(part.amount_minor).scaleb(-currency_exponent(part.currency))
            elif isinstance(part, Remark) and part.code == "pending":
                entries.add(part.place)
        judge(source.parts(), name=path.name)
    except Refusal as no:
        code = no.code
    return len(entries), moved[0], moved[1], code


def files(folder: str) -> list[Path]:
    return [path for path in sorted((SAMPLES / folder).iterdir()) if "LICENSE" not in path.name]


if THERE:
    TRUTH = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))

    @pytest.mark.parametrize("path", files("mt940"), ids=lambda path: path.name)
    def test_swift_is_read_to_its_totals_or_refused_for_its_reason(path):
        entries, credit, debit, code = read(path)
        assert code == REFUSED.get(path.name, WHOLE)
        if path.name in STOPPED_BEFORE_THE_END:
            return
        known = TRUTH["mt940"][path.name]
        said = RIGHT_WHERE_TRUTH_ERRS.get(path.name) or (
            known["transactions"], known["sum_credit"], known["sum_debit"],
        )  # fmt: skip
        assert (entries, credit, debit) == (said[0], Decimal(said[1]), Decimal(said[2]))

    @pytest.mark.parametrize("path", files("camt"), ids=lambda path: path.name)
    def test_camt_is_read_to_its_totals_or_refused_for_its_reason(path):
        entries, credit, debit, code = read(path)
        assert code == REFUSED.get(path.name, WHOLE)
        known = TRUTH["camt"][path.name]
        assert entries == known["entries"]
        if code != "bank.nothing-booked":
            assert (credit, -debit) == (Decimal(known["sum_credit"]), Decimal(known["sum_debit"]))

    @pytest.mark.parametrize("path", files("cn_bank"), ids=lambda path: path.name)
    def test_chinese_exports_are_read_to_their_totals_or_refused_for_their_reason(path):
        entries, credit, debit, code = read(path)
        assert code == REFUSED.get(path.name, WHOLE)
        if path.name in CHINESE:
            said = CHINESE[path.name]
            assert (entries, credit, debit) == (said[0], Decimal(said[1]), Decimal(said[2]))
