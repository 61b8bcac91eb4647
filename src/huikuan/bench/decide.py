"""The reference for deciding: hand-written SQL on DuckDB, on the very frames that the rules take, same answer."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.testing import assert_frame_equal

from huikuan.credit.rules.scorecard import Component
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.policy.rules.compile import compile_ladders
from huikuan.policy.rules.events import ASKED
from huikuan.policy.rules.schema import Bands, Policy
from huikuan.runs.rules.day import Decisions, conclude, outline
from huikuan.runs.rules.facts import Details, Facts

if TYPE_CHECKING:
    import duckdb

    from huikuan.runs.queries.preparation import Preparation

DECISION = ["customer_id", "currency", "step_code"]
ANSWER = [
    *DECISION,
    "rank",
    "action",
    "penalty_minor",
    "net_overdue_minor",
    "overdue_minor",
    "unpaid_minor",
    "priority",
]
BIG_PRIME = 9973


class DuckdbMissing(Refusal):
    """The reference needs a library that users do not."""

    code = "bench.duckdb-missing"
    text = gettext_noop("The reference of this benchmark runs on DuckDB, which is not installed: pip install duckdb")


class AnswersDiffer(Refusal):
    """A ratio of different work would mean nothing."""

    code = "bench.answers-differ"
    text = gettext_noop("The reference and the rules disagree about {what}: {difference}")


@dataclass(frozen=True, slots=True)
class Frames:
    """What both sides are given."""

    facts: Facts
    details: Details
    prepared: "Preparation"


def ours(frames: Frames) -> Decisions:
    """Decide with the rules, as the run does."""
    prepared = frames.prepared
    sketch = outline(frames.facts, setting=prepared.setting, policy=prepared.policy)
    return conclude(
        frames.facts, sketch, frames.details, setting=prepared.setting, policy=prepared.policy,
        calendar=prepared.calendar,
    )  # fmt: skip


def connect() -> "duckdb.DuckDBPyConnection":
    """Return a DuckDB in memory. Raises DuckdbMissing."""
    try:
        import duckdb  # noqa: PLC0415  only benchmarks need it
    except ImportError as error:
        raise DuckdbMissing from error
    return duckdb.connect(":memory:")


@dataclass(slots=True)
class Reference:
    """DuckDB with the frames as tables and the statements ready."""

    connection: "duckdb.DuckDBPyConnection"
    statements: list[str]

    @classmethod
    def of(cls, frames: Frames) -> "Reference":
        """Take the frames in; not part of what is measured. Raises DuckdbMissing."""
        connection = connect()
        facts, details, policy = frames.facts, frames.details, frames.prepared.policy
        compiled = compile_ladders(policy, currencies=facts.items["currency"].unique().to_list())
        given = {
            "items": facts.items,
            "customers": facts.customers,
            "on_account": facts.on_account,
            "settled_late": facts.settled_late,
            "allocations": details.allocations,
            "terms": details.terms.drop("fee_bands"),
            "reference": details.reference,
            # Nothing has happened yet in the portfolio: what waits for an event or a state is not due.
            "steps": compiled.steps.filter(pl.all_horizontal(pl.col(ASKED).is_null())).drop(ASKED),
            "ladders": compiled.ladders,
        }
        for name, frame in given.items():
            wide = [column for column, dtype in frame.schema.items() if dtype == pl.Int128]
            connection.register("given", frame.with_columns(pl.col(wide).cast(pl.Decimal(38, 0))).to_arrow())
            exact = ", ".join(f"{column}::HUGEINT AS {column}" for column in wide)
            columns = f"* REPLACE ({exact})" if wide else "*"
            connection.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM given")  # noqa: S608  our own names
            connection.unregister("given")
        connection.execute(f"SET VARIABLE as_of = DATE '{frames.prepared.setting.as_of.isoformat()}'")
        return cls(connection, statements_for(policy, frames.prepared.setting.business))

    def decide(self) -> None:
        """Answer, into tables of DuckDB."""
        for statement in self.statements:
            self.connection.execute(statement)

    def table(self, name: str) -> pl.DataFrame:
        """Return a table of the answer."""
        frame = pl.from_arrow(self.connection.table(name).to_arrow_table())
        if not isinstance(frame, pl.DataFrame):
            message = f"expected a table, not {type(frame)}"
            raise TypeError(message)
        return frame


def check(decided: Decisions, reference: Reference) -> dict[str, Any]:
    """Compare every decision, grade and warning; return counts and sums. Raises AnswersDiffer."""
    mine = decided.decisions.select(ANSWER)
    theirs = reference.table("answer").select(ANSWER)
    typed = theirs.select(pl.col(name).cast(dtype) for name, dtype in mine.schema.items())
    _same("decisions", mine, typed, by=DECISION)
    graded = decided.stand.customers.select("customer_id", "letter", score=pl.col("score").cast(pl.Int64))
    judged = reference.table("graded").select("customer_id", "letter", score=pl.col("score").cast(pl.Int64))
    _same("grades", graded, judged, by=["customer_id"])
    marks = ["customer_id", "kind"]
    _same("warnings", decided.stand.marks.select(marks), reference.table("marks").select(marks), by=marks)
    weight = pl.col("customer_id") % BIG_PRIME
    totals = mine.select(
        penalty_minor=pl.col("penalty_minor").cast(pl.Int128).sum().cast(pl.String),
        hash=((pl.col("penalty_minor").cast(pl.Int128) + pl.col("priority")) * weight).sum().cast(pl.String),
    ).row(0, named=True)
    return {"decisions": mine.height, "grades": graded.height, "warnings": decided.stand.marks.height, **totals}


def _same(what: str, mine: pl.DataFrame, theirs: pl.DataFrame, *, by: list[str]) -> None:
    try:
        assert_frame_equal(mine.sort(by), theirs.sort(by), check_exact=True)
    except AssertionError as error:
        raise AnswersDiffer(what=what, difference=str(error)[:2000]) from error


def statements_for(policy: Policy, business: str) -> list[str]:
    """Return the statements of decide.sql, with the policy's numbers filled in.

    Args:
        policy: The policy in force.
        business: Of the creditor entity; the same for all its customers.
    """
    card, risk = policy.grade, policy.risk
    knock_out = next((each.value for each in card.knock_outs if each.kind == "open_overdue_days"), 10**6)
    letters = sorted(card.thresholds.items(), key=lambda pair: -pair[1])
    filled = {
        "points": " + ".join(_points(component) for component in card.components),
        "by_score": " ".join(f"WHEN score >= {least} THEN '{letter}'" for letter, least in letters),
        "new_below_settled": card.new_below_settled,
        "new_below_months": card.new_below_months,
        "new_climbs_as": card.new_climbs_as,
        "knock_out_days": knock_out,
        "stop_months": risk.stop_orders_months,
        "stop_items": risk.stop_orders_items,
        "overdue_days": risk.overdue_days,
        "high_risk_days": risk.high_risk_days,
        "long_term_days": risk.long_term_days,
        "blacklist_days": risk.blacklist_days,
        "blacklist_late_settlements": risk.blacklist_late_settlements,
        "segments": _segments(policy, business, str),
        "item_segments": _segments(policy, business, _column_of_item),
        "gain": _bands("late", policy.priority.gain_percent),
        "urgency": _bands("late", policy.priority.urgency_percent),
        "by_grade": _names("grade", policy.priority.grade_percent, 100),
        "formal_percent": policy.priority.formal_percent,
    }
    text = files("huikuan.bench").joinpath("decide.sql").read_text(encoding="utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    return [statement.format(**filled) for statement in code.split(";\n") if statement.strip()]


_FACTS = {
    "late_share": ("settled_count > 0", "late_count * 100 <= settled_count * {0}"),
    "mean_days_late": ("amount_minor_sum > 0", "amount_days_sum <= amount_minor_sum * {0}"),
    "worst_open_days": ("true", "worst_days <= {0}"),
    "cooperation_months": ("known_since IS NOT NULL", "months_known <= {0}"),
}
"""Per banded component: whether its fact is known, and whether it is at most so much."""


def _points(component: Component) -> str:
    """Return the points of one component, rounded once."""
    missing = component.missing_percent
    if component.code in _FACTS:
        known, reaches = _FACTS[component.code]
        whens = " ".join(
            f"ELSE {earns}" if edge is None else f"WHEN {reaches.format(edge)} THEN {earns}"
            for edge, earns in component.bands
        )
        percent = f"CASE WHEN NOT ({known}) THEN {missing} {whens} END"
    elif component.code == "reputation":
        percent = str(missing)
    else:
        percent = _names(component.code, component.values, missing)
    return f"(2 * ({percent}) * {component.weight} + 100) // 200"


def _names(column: str, values: Any, otherwise: int) -> str:  # noqa: ANN401  any mapping of names to numbers
    whens = " ".join(f"WHEN '{name}' THEN {number}" for name, number in values.items())
    return f"CASE {column} {whens} ELSE {otherwise} END"


def _bands(column: str, bands: Bands) -> str:
    whens = " ".join(
        f"ELSE {number}" if edge is None else f"WHEN {column} <= {edge} THEN {number}" for edge, number in bands
    )
    return f"CASE {whens} END"


def _column_of_item(field: str) -> str:
    return {"grade": "g.letter", "contract_kind": "i.contract_kind"}.get(field, f"g.{field}")


def _segments(policy: Policy, business: str, column: Callable[[str], str]) -> str:
    """Return the WHENs that choose the ladder; segments of amounts are not in the default pack."""

    def value_of(field: str) -> str:
        return f"'{business}'" if field == "business" else column(field)

    whens = []
    for segment in policy.segments:
        conditions = [
            f"{value_of(field)} IN ({', '.join(repr(value) for value in values)})"
            for field, values in segment.match.items()
        ]
        ladder = "NULL" if segment.ladder is None else f"'{segment.ladder}'"
        whens.append(f"WHEN {' AND '.join(conditions) or 'true'} THEN {ladder}")
    return " ".join(whens)
