"""The work that the day's decisions make and unmake: tasks for people, messages for the machine."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from huikuan.cash.rules.closing import ALLOCATE, why_message_is_over, why_task_is_over
from huikuan.policy.rules.compile import LETTER
from huikuan.policy.rules.ladder import KEY
from huikuan.policy.rules.schema import Policy
from huikuan.runs.rules.climbing import Climbing
from huikuan.runs.rules.facts import Facts, Setting

REPAIR: Final = "repair"
"""Step code of the task to find an address for a customer whom the machine cannot reach."""

NO_ADDRESS: Final = "no_address"
"""`fallback: when:` of a step whose message goes another way when there is no address for it."""

ADDRESS: Final = {"EMAIL": "has_email", "SMS": "has_phone"}
"""Machine channel -> column of the facts' `reach` that says whether there is an address for it."""

TASK: Final = [
    "key", "customer_id", "is_of_case", "kind", "step_code", "currency", "overdue_minor", "oldest_due_on", "script",
    "owner_id", "due_on", "priority",
]  # fmt: skip
TAKEN: Final = [
    "customer_id", "currency", "step_code", "occurrence", "is_overdue_step", "is_by_item", "task_kind", "task_owner",
    "task_script", "notice_template", "notice_channels", "opened_on", "overdue_minor", "oldest_due_on", "priority",
    "ladder",
]  # fmt: skip
"""What work is made from: without the texts that explain a decision, which are most of it."""
DELIVERY: Final = ["key", "customer_id", "channel", "template", "step_code", "currency", "priority", "not_before"]


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done and what no longer is.

    Attributes:
        tasks: TASK; `is_of_case`: belongs to the customer's open case.
        deliveries: DELIVERY.
        unreachable: customer_id of those a message was due to and no channel reaches.
        wordless: customer_id of those a message was due to on channels that are not wired.
        tasks_cancelled: task_id, reason.
        deliveries_cancelled: delivery_id, reason.
    """

    tasks: pl.DataFrame
    deliveries: pl.DataFrame
    unreachable: pl.DataFrame
    wordless: pl.DataFrame
    tasks_cancelled: pl.DataFrame
    deliveries_cancelled: pl.DataFrame


def work(
    facts: Facts,
    climbed: Climbing,
    decisions: pl.DataFrame,
    *,
    reach: pl.DataFrame,
    mailboxes: pl.DataFrame,
    places: pl.DataFrame,
    work_on: date,
    setting: Setting,
    policy: Policy,
) -> Work:
    """Turn decisions into work.

    Args:
        facts, climbed: Of the day.
        decisions: `told.told` with `priority`.
        reach: `facts.REACH`.
        mailboxes: `facts.MAILBOXES`.
        places: `sending.send_times`.
        work_on: Day on which people do it: the run's, or the next working day.
        setting, policy: Of the run.
    """
    acted = decisions.lazy().filter(pl.col("action") != "SKIPPED").select(TAKEN).collect()
    taken = _with_owners(acted.with_columns(_spell(setting)), facts, setting)
    notices = _notices(taken, facts, reach=reach, mailboxes=mailboxes, places=places, setting=setting)
    by_policy = notices.filter("is_reached")
    missed = notices.join(by_policy, on=KEY, how="anti")
    wired = notices.filter("is_wired").select(KEY).unique()
    unreachable = missed.join(wired, on=KEY, how="semi").unique(KEY, maintain_order=True)
    instead = _instead(unreachable, setting, policy)
    reached = _spaced(
        pl.concat([by_policy, instead.filter("is_reached")]), mailboxes, minutes=policy.send_times.spacing_minutes
    )
    missed = missed.join(reached, on=KEY, how="anti")
    unreachable = unreachable.join(reached, on=KEY, how="anti")
    called = pl.concat(
        [
            _tasks_of(taken, work_on),
            _letters_instead(instead, work_on),
            _allocate_tasks(climbed, facts, setting, work_on),
            _repair_tasks(unreachable, facts, setting, work_on),
        ]
    )
    return Work(
        tasks=called.sort("key"),
        deliveries=reached.select(DELIVERY).sort("key"),
        unreachable=unreachable.select("customer_id").unique().sort("customer_id"),
        wordless=missed.join(wired, on=KEY, how="anti").select("customer_id").unique().sort("customer_id"),
        tasks_cancelled=_tasks_cancelled(facts, climbed, taken, policy),
        deliveries_cancelled=_deliveries_cancelled(facts, climbed, reached, policy),
    )


def _spell(setting: Setting) -> pl.Expr:
    """Return the spell that a decision belongs to: since the case opened; for upcoming steps and items, the day."""
    as_of = pl.lit(setting.as_of)
    in_spell = pl.coalesce("opened_on", as_of)
    return pl.when(pl.col("is_overdue_step") & ~pl.col("is_by_item")).then(in_spell).otherwise(as_of).alias("spell_on")


def _key(prefix: pl.Expr) -> pl.Expr:
    """Return the idempotency key of a piece of work: the same contact is one row, however often it is decided."""
    return pl.format("{}/{}/{}/{}/{}/{}", prefix, "customer_id", "currency", "step_code", "spell_on", "occurrence")


def _with_owners(frame: pl.DataFrame, facts: Facts, setting: Setting) -> pl.DataFrame:
    """Add collector (the case's owner, else the customer's) and manager_id (who leads the customer's collector)."""
    owners = facts.customers.select("customer_id", "collector_id").join(
        facts.cases.select("customer_id", "owner_id"), on="customer_id", how="left"
    )
    return (
        frame.join(owners, on="customer_id", how="left")
        .join(setting.managers, on="collector_id", how="left", nulls_equal=True)
        .with_columns(collector=pl.coalesce("owner_id", "collector_id"))
        .drop("owner_id")
    )


def _tasks_of(taken: pl.DataFrame, work_on: date) -> pl.DataFrame:
    """Return the tasks of the steps. What is not for the collector is for the manager: the roles there are."""
    owner = (
        pl.when(pl.col("task_owner") == "collector").then("collector").otherwise(pl.coalesce("manager_id", "collector"))
    )
    return (
        taken.filter(pl.col("task_kind").is_not_null())
        .with_columns(
            key=_key(pl.lit("task")),
            is_of_case="is_overdue_step",
            kind="task_kind",
            script=pl.col("task_script").fill_null(""),
            owner_id=owner,
            due_on=pl.lit(work_on),
        )
        .select(TASK)
    )


def _allocate_tasks(climbed: Climbing, facts: Facts, setting: Setting, work_on: date) -> pl.DataFrame:
    """Return one task per customer and currency whose money on account covers all that is overdue.

    The amount belongs to the key: the same money asks once per spell, other money asks again.
    """
    covered = climbed.positions.filter((pl.col("reason") == "COVERED") & (pl.col("overdue_minor") > 0)).with_columns(
        step_code=pl.lit(ALLOCATE), is_overdue_step=pl.lit(True), is_by_item=pl.lit(False), occurrence=pl.lit(0),
        priority="on_account_minor",
    )  # fmt: skip
    asked = _with_owners(covered.with_columns(_spell(setting)), facts, setting)
    return asked.with_columns(
        key=pl.format("{}/{}", _key(pl.lit("task")), "on_account_minor"),
        is_of_case=pl.lit(True),
        kind=pl.lit("REVIEW"),
        script=pl.lit(""),
        owner_id="collector",
        due_on=pl.lit(work_on),
    ).select(TASK)


def _repair_tasks(unreachable: pl.DataFrame, facts: Facts, setting: Setting, work_on: date) -> pl.DataFrame:
    """Return one task per customer without any address, unless one is open already."""
    asked = facts.tasks.filter(pl.col("kind") == "REPAIR").select("customer_id")
    return (
        unreachable.sort("customer_id", "currency")
        .unique("customer_id", keep="first", maintain_order=True)
        .join(asked, on="customer_id", how="anti")
        .with_columns(step_code=pl.lit(REPAIR))
        .with_columns(
            key=pl.format("task/{}/{}/{}", "customer_id", "step_code", pl.lit(setting.as_of)),
            is_of_case="is_overdue_step",
            kind=pl.lit("REPAIR"),
            script=pl.lit(""),
            owner_id="collector",
            due_on=pl.lit(work_on),
        )
        .select(TASK)
    )


def _notices(
    taken: pl.DataFrame,
    facts: Facts,
    *,
    reach: pl.DataFrame,
    mailboxes: pl.DataFrame,
    places: pl.DataFrame,
    setting: Setting,
) -> pl.DataFrame:
    """Return one row per message and channel of the policy, and whether it can leave: is_wired, is_reached."""
    spread = (
        taken.filter(pl.col("notice_template").is_not_null())
        .explode("notice_channels")
        .join(facts.customers.select("customer_id", "time_zone", "country"), on="customer_id", how="left")
        .join(mailboxes.drop("email", "phone"), on="customer_id", how="left")
        .with_columns(hours=pl.when(pl.col("notice_channels") == "EMAIL").then("email_hours").otherwise("phone_hours"))
        .join(places, on=["time_zone", "country", "hours"], how="left", nulls_equal=True)
        .join(reach, on="customer_id", how="left")
        .with_columns(channel="notice_channels", template="notice_template")
    )
    is_wired = pl.col("channel").is_in(sorted(setting.channels & ADDRESS.keys()))
    return spread.with_columns(
        key=_key(pl.col("channel").str.to_lowercase()), is_wired=is_wired, is_reached=is_wired & _has_address()
    )


def _has_address() -> pl.Expr:
    """Tell whether there is an address for the channel of a message."""
    has_address = pl.lit(False)
    for channel, column in ADDRESS.items():
        has_address = pl.when(pl.col("channel") == channel).then(pl.col(column).fill_null(False)).otherwise(has_address)
    return has_address


def _instead(unreachable: pl.DataFrame, setting: Setting, policy: Policy) -> pl.DataFrame:
    """Return the messages that go another way since nobody can be reached on the step's own channels.

    Only what the step names (`fallback: {when: no_address, …}`); a machine channel that is not wired is no way either.
    """
    ways = [
        (ladder.code, step.code, step.notice.fallback.channel, step.notice.fallback.template)
        for ladder in policy.ladders.values()
        for step in ladder.steps
        if step.notice is not None and step.notice.fallback is not None and step.notice.fallback.when == NO_ADDRESS
    ]
    names = ("ladder", "step_code", "instead_by", "instead_with")
    found = unreachable.join(
        pl.DataFrame(ways, schema=dict.fromkeys(names, pl.String), orient="row"), on=["ladder", "step_code"]
    ).with_columns(channel="instead_by", template="instead_with")
    is_wired = pl.col("channel").is_in(sorted(setting.channels & ADDRESS.keys()))
    return found.with_columns(
        key=_key(pl.col("channel").str.to_lowercase()), is_reached=is_wired & _has_address()
    ).select(unreachable.columns)


def _letters_instead(instead: pl.DataFrame, work_on: date) -> pl.DataFrame:
    """Return the tasks to post what cannot be sent; whoever looks after the customer does it."""
    return (
        instead.filter(pl.col("channel") == LETTER)
        .with_columns(
            is_of_case="is_overdue_step", kind=pl.lit(LETTER), script=pl.lit(""), owner_id="collector",
            due_on=pl.lit(work_on),
        )
        .select(TASK)
    )  # fmt: skip


def _spaced(messages: pl.DataFrame, mailboxes: pl.DataFrame, *, minutes: int) -> pl.DataFrame:
    """Let messages to one mailbox or number leave one after another, so many minutes apart, in the order of their keys.

    Several customers may share a mailbox, and one customer may owe in several currencies.
    """
    if not minutes or messages.height < 2:  # noqa: PLR2004  one message has nobody to wait for
        return messages
    address = pl.when(pl.col("channel") == "EMAIL").then("email").otherwise("phone")
    place = messages.join(mailboxes.select("customer_id", "email", "phone"), on="customer_id", how="left").with_columns(
        mailbox=pl.coalesce(address, pl.col("customer_id").cast(pl.String))
    )
    before = pl.col("key").rank("ordinal").over("channel", "mailbox").cast(pl.Int64) - 1
    return place.with_columns(not_before=pl.col("not_before") + pl.duration(minutes=before * minutes))


_STANDS: Final = {"is_here": pl.col("is_here").is_not_null(), "is_pursued": pl.col("is_pursued")}


def _pointless(climbed: Climbing) -> pl.DataFrame:
    """Return per position what money says of a contact about it, and whether it is held or covered."""
    return climbed.positions.select(
        *KEY,
        "is_pursued",
        is_here=pl.lit(True),
        pointless=pl.when(pl.col("reason").is_in(["HELD", "COVERED"])).then("reason"),
        is_covered=(pl.col("reason") == "COVERED") & (pl.col("overdue_minor") > 0),
    )  # fmt: skip


def _tasks_cancelled(facts: Facts, climbed: Climbing, taken: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Return open tasks that lost their point: paid, held (but for a formal step), covered, or followed by a call."""
    calls = taken.filter(pl.col("task_kind") == "CALL").select(*KEY, is_called_again=pl.lit(True))
    is_contact = pl.col("kind").is_in(["CALL", "VISIT", "LETTER"])
    is_overdue_step = pl.col("case_id").is_not_null()
    by_money = why_task_is_over(**_STANDS, is_covered=pl.col("is_covered"))
    reason = (
        pl.when(by_money.is_not_null()).then(by_money)
        .when((pl.col("kind") == "REPAIR") | (pl.col("step_code") == ALLOCATE)).then(None)
        .when((pl.col("pointless") == "HELD") & pl.col("step_code").is_in(_formal(policy))).then(None)
        .when(is_overdue_step & is_contact & pl.col("pointless").is_not_null()).then("pointless")
        .when((pl.col("kind") == "CALL") & pl.col("is_called_again")).then(pl.lit("SUPERSEDED"))
    )  # fmt: skip
    return (
        facts.tasks.join(_pointless(climbed), on=KEY, how="left")
        .join(calls, on=KEY, how="left")
        .select("task_id", reason=reason)
        .drop_nulls("reason")
        .sort("task_id")
    )


def _formal(policy: Policy) -> list[str]:
    """Return the codes of the steps that are never skipped."""
    return sorted({step.code for ladder in policy.ladders.values() for step in ladder.steps if step.is_formal})


def _deliveries_cancelled(facts: Facts, climbed: Climbing, reached: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Return waiting messages that lost their point. A formal one waits for the end of a hold: it is never skipped.

    One about items on steps of their own waits as well: what newer messages say instead, it leaves out when it goes.
    """
    steps = [step for ladder in policy.ladders.values() for step in ladder.steps]
    overdue_steps = sorted({step.code for step in steps if step.trigger.family.value == "OVERDUE"})
    formal = _formal(policy)
    newer = reached.filter("is_overdue_step").select(*KEY, "channel", is_newer=pl.lit(True)).unique()
    is_overdue_step = pl.col("step_code").is_in(overdue_steps)
    is_by_item = pl.col("delivery_id").is_in(facts.unsent_items["delivery_id"].unique().implode())
    stays = is_by_item | pl.col("step_code").is_in(formal)
    by_money = why_message_is_over(**_STANDS, is_overdue_step=is_overdue_step)
    reason = (
        pl.when(by_money.is_not_null()).then(by_money)
        .when(is_overdue_step & (pl.col("pointless") == "HELD") & pl.col("step_code").is_in(formal)).then(None)
        .when(is_overdue_step & pl.col("pointless").is_not_null()).then("pointless")
        .when(is_overdue_step & pl.col("is_newer") & ~stays).then(pl.lit("SUPERSEDED"))
    )  # fmt: skip
    return (
        facts.deliveries.filter(pl.col("state") == "QUEUED")
        .join(_pointless(climbed), on=KEY, how="left")
        .join(newer, on=[*KEY, "channel"], how="left")
        .select("delivery_id", reason=reason)
        .drop_nulls("reason")
        .sort("delivery_id")
    )
