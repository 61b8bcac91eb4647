"""One chunk of a run: read, decide, write, journal, done; one transaction."""

from huikuan.journal.commands import record
from huikuan.parties.models import Entity
from huikuan.policy.queries import policy_of
from huikuan.runs.commands.watching import watch_signals
from huikuan.runs.commands.writing import Target, write
from huikuan.runs.models import Run, RunChunk
from huikuan.runs.queries.preparation import Preparation, decided, narrowed, prepare_day
from huikuan.runs.queries.warnings import of_facts, of_work
from huikuan.runs.rules.snapshot import shares, snapshot
from huikuan.storage.transactions import one_view


def prepare(run: Run, entity: Entity) -> Preparation:
    """Read what all chunks of a run need."""
    before = Run.objects.filter(entity=entity, as_of=run.previous_on).first() if run.previous_on else None
    return prepare_day(
        entity,
        policy_of(run.policy_version),
        as_of=run.as_of,
        previous_on=run.previous_on,
        now=run.started_at,
        booked_since=before.started_at if before else None,
    )


def do_chunk(chunk_id: int, prepared: Preparation) -> None:
    """Do one chunk unless it is done: what it writes and that it is done become true together, or not at all."""
    with one_view():
        chunk = RunChunk.objects.select_for_update().get(pk=chunk_id)
        if chunk.done_at is not None:
            return
        scope = narrowed(prepared, chunk.first_customer_id, chunk.last_customer_id)
        now = prepared.setting.now
        watch_signals(scope, prepared.entity, rules=prepared.policy.signals, now=now)
        facts, what = decided(scope, prepared)
        target = Target(
            run_id=chunk.run_id,
            entity=prepared.entity,
            as_of=prepared.setting.as_of,
            now=now,
            first_customer_id=chunk.first_customer_id,
            last_customer_id=chunk.last_customer_id,
        )
        written = write(what, target)
        if written:
            record(
                "runs.chunk-decided",
                now=now,
                entity_id=prepared.entity.pk,
                subject=chunk,
                as_of=prepared.setting.as_of,
                counts=written,
            )
        rows = {"customers": facts.customers.height, "items": facts.items.height, **written}
        as_of, edges, money = prepared.setting.as_of, prepared.policy.aging_edges, facts.on_account
        chunk.counts = {
            "rows": rows,
            "warnings": of_facts(facts) + of_work(what.work),
            "aging": snapshot(facts.items, on_account=money, as_of=as_of, edges=edges),
            "shares": shares(facts.items, on_account=money, collectors=facts.collectors, as_of=as_of, edges=edges),
        }
        chunk.done_at = now
        chunk.save(update_fields=["counts", "done_at"])
