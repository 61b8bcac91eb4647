"""Database triggers: balances that follow the allocations, and tables that only grow.

An item is settled on the last day that moved its balance; a payment and its reversal on one same day move nothing.

Installed by this module's migrations on PostgreSQL and SQLite alike. `suspended()` lifts them for a bulk load that
writes consistent rows itself (demo, restore); it is one transaction with the load.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

APPEND_ONLY: Final = (
    "journal_entry",
    "journal_seal",
    "journal_storedfile",
    "receivables_allocation",
    "receivables_limitationevent",
    "receivables_setoff",
    "receivables_thirdpartypayment",
    "receivables_penaltywaiver",
    "receivables_writeoff",
    "outreach_attempt",
    "outreach_contact",
    "outreach_contactrefusal",
    "outreach_message",
    "outreach_deliveryevent",
    "outreach_letterevent",
    "outreach_templateversion",
    "outreach_templateverdict",
    "outreach_visitarrival",
    "outreach_visitreport",
    "outreach_writtentext",
    "arrangements_promisechange",
    "arrangements_planchange",
    "arrangements_offerchange",
    "arrangements_disputemessage",
    "cash_paymentevent",
    "cash_statementchange",
    "runs_itemstep",
    "receivables_billchange",
)
"""Tables whose rows are never changed or removed."""

KEPT: Final = {
    "outreach_providerreceipt": ("provider reference key state at detail raw received_at", "OLD.id IS NOT NULL"),
    "outreach_inboundmessage": (
        "key channel kind sender sender_name recipient subject text message_id sent_at received_at facts",
        "OLD.id IS NOT NULL",
    ),
    "cash_accountstatement": (
        (
            "number entity_id customer_id currency starts_on ends_on opening_minor charged_minor credited_minor "
            "received_minor written_off_minor closing_minor penalty_minor language data pdf_id xlsx_id made_at "
            "made_by_id"
        ),
        "OLD.id IS NOT NULL",
    ),
    "receivables_bill": (
        (
            "entity_id customer_id receipt_id number kind drawer acceptor payee currency amount_minor issued_on "
            "matures_on received_on booked_at booked_by_id"
        ),
        "OLD.id IS NOT NULL",
    ),
    "cash_statementline": (
        (
            "account_id file_id row booked_on value_on currency amount_minor charges_minor balance_minor "
            "counterparty_name counterparty_account remittance bank_reference end_to_end_id kind is_reversal "
            "occurrence key"
        ),
        "OLD.receipt_id IS NOT NULL",
    ),
    "outreach_visit": (
        (
            "entity_id customer_id person_id planned_at planned_on place purpose note speaker_id note_taker_id "
            "companions companion_count made_at made_by_id"
        ),
        "OLD.id IS NOT NULL",
    ),
    "outreach_letter": (
        (
            "number key entity_id customer_id person_id addressee address template template_sha256 step_code language "
            "currency as_of deadline_on principal_minor penalty_minor item_count data facts words pdf_id made_at "
            "made_by_id"
        ),
        "OLD.id IS NOT NULL",
    ),
}
"""Tables with columns that are never changed, and the condition under which a row is never removed."""

_PG_ALLOCATION = """
CREATE OR REPLACE FUNCTION receivables_allocation_applied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM fresh f
    JOIN receivables_openitem i ON i.id = f.item_id
    LEFT JOIN receivables_receipt r ON r.id = f.receipt_id
    LEFT JOIN receivables_creditnote c ON c.id = f.credit_note_id
    LEFT JOIN receivables_writeoff w ON w.id = f.write_off_id
    WHERE f.currency <> i.currency
       OR f.currency IS DISTINCT FROM coalesce(r.currency, c.currency, w.currency)
       OR i.customer_id IS DISTINCT FROM coalesce(r.customer_id, c.customer_id, w.customer_id)
  ) THEN
    RAISE EXCEPTION 'allocation_one_currency_and_customer' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (
    SELECT 1 FROM fresh f JOIN receivables_writeoff w ON w.id = f.write_off_id
    WHERE f.item_id <> w.item_id OR abs(f.amount_minor) <> w.amount_minor
  ) THEN
    RAISE EXCEPTION 'allocation_writes_off_what_was_decided' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (
    SELECT 1 FROM fresh f JOIN receivables_allocation o ON o.id = f.reverses_id
    WHERE f.amount_minor <> -o.amount_minor OR f.item_id <> o.item_id
       OR f.receipt_id IS DISTINCT FROM o.receipt_id OR f.credit_note_id IS DISTINCT FROM o.credit_note_id
       OR f.write_off_id IS DISTINCT FROM o.write_off_id
  ) THEN
    RAISE EXCEPTION 'allocation_reversal_mirrors_original' USING ERRCODE = 'check_violation';
  END IF;
  UPDATE receivables_openitem i
     SET open_minor = i.open_minor - s.amount,
         settled_on = CASE WHEN i.open_minor - s.amount = 0
                           THEN (SELECT max(d.effective_on) FROM (
                             SELECT a.effective_on FROM receivables_allocation a WHERE a.item_id = i.id
                             GROUP BY a.effective_on HAVING sum(a.amount_minor) <> 0) d) END
    FROM (SELECT item_id, sum(amount_minor) AS amount FROM fresh GROUP BY item_id) s
   WHERE s.item_id = i.id;
  UPDATE receivables_receipt r SET unapplied_minor = r.unapplied_minor - s.amount
    FROM (SELECT receipt_id, sum(amount_minor) AS amount FROM fresh WHERE receipt_id IS NOT NULL GROUP BY receipt_id) s
   WHERE s.receipt_id = r.id;
  UPDATE receivables_creditnote c SET unapplied_minor = c.unapplied_minor - s.amount
    FROM (SELECT credit_note_id, sum(amount_minor) AS amount FROM fresh WHERE credit_note_id IS NOT NULL GROUP BY 1) s
   WHERE s.credit_note_id = c.id;
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS receivables_allocation_applied ON receivables_allocation;
CREATE TRIGGER receivables_allocation_applied AFTER INSERT ON receivables_allocation
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION receivables_allocation_applied();
"""

_PG_APPEND_ONLY_FUNCTION = """
CREATE OR REPLACE FUNCTION storage_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
"""

_PG_APPEND_ONLY = """
DROP TRIGGER IF EXISTS {table}_append_only ON {table};
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION storage_append_only();
"""

_PG_KEPT = """
DROP TRIGGER IF EXISTS {table}_kept_update ON {table};
CREATE TRIGGER {table}_kept_update BEFORE UPDATE OF {columns} ON {table}
  FOR EACH ROW EXECUTE FUNCTION storage_append_only();
DROP TRIGGER IF EXISTS {table}_kept_delete ON {table};
CREATE TRIGGER {table}_kept_delete BEFORE DELETE ON {table}
  FOR EACH ROW WHEN ({needed}) EXECUTE FUNCTION storage_append_only();
"""

_LITE_ALLOCATION: Final = {
    "receivables_allocation_matches": """
CREATE TRIGGER receivables_allocation_matches BEFORE INSERT ON receivables_allocation
BEGIN
  SELECT RAISE(ABORT, 'CHECK constraint failed: allocation_one_currency_and_customer')
   WHERE NOT EXISTS (
    SELECT 1 FROM receivables_openitem i
    LEFT JOIN receivables_receipt r ON r.id = NEW.receipt_id
    LEFT JOIN receivables_creditnote c ON c.id = NEW.credit_note_id
    LEFT JOIN receivables_writeoff w ON w.id = NEW.write_off_id
    WHERE i.id = NEW.item_id AND i.currency = NEW.currency
      AND coalesce(r.currency, c.currency, w.currency) = NEW.currency
      AND coalesce(r.customer_id, c.customer_id, w.customer_id) = i.customer_id);
  SELECT RAISE(ABORT, 'CHECK constraint failed: allocation_writes_off_what_was_decided')
   WHERE EXISTS (
    SELECT 1 FROM receivables_writeoff w
    WHERE w.id = NEW.write_off_id AND (w.item_id <> NEW.item_id OR w.amount_minor <> abs(NEW.amount_minor)));
  SELECT RAISE(ABORT, 'CHECK constraint failed: allocation_reversal_mirrors_original')
   WHERE NEW.reverses_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM receivables_allocation o
    WHERE o.id = NEW.reverses_id AND o.amount_minor = -NEW.amount_minor AND o.item_id = NEW.item_id
      AND o.receipt_id IS NEW.receipt_id AND o.credit_note_id IS NEW.credit_note_id
      AND o.write_off_id IS NEW.write_off_id);
END""",
    "receivables_allocation_applied": """
CREATE TRIGGER receivables_allocation_applied AFTER INSERT ON receivables_allocation
BEGIN
  UPDATE receivables_openitem
     SET open_minor = open_minor - NEW.amount_minor,
         settled_on = CASE WHEN open_minor - NEW.amount_minor = 0
                           THEN (SELECT max(d.effective_on) FROM (
                             SELECT a.effective_on FROM receivables_allocation a WHERE a.item_id = NEW.item_id
                             GROUP BY a.effective_on HAVING sum(a.amount_minor) <> 0) d) END
   WHERE id = NEW.item_id;
  UPDATE receivables_receipt SET unapplied_minor = unapplied_minor - NEW.amount_minor WHERE id = NEW.receipt_id;
  UPDATE receivables_creditnote SET unapplied_minor = unapplied_minor - NEW.amount_minor WHERE id = NEW.credit_note_id;
END""",
}

_LITE_APPEND_ONLY = """
CREATE TRIGGER {table}_append_only_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {table} is append-only'); END"""

_LITE_KEPT: Final = (
    """
CREATE TRIGGER {table}_kept_update BEFORE UPDATE OF {columns} ON {table}
BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {table} is append-only'); END""",
    """
CREATE TRIGGER {table}_kept_delete BEFORE DELETE ON {table} WHEN {needed}
BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {table} is append-only'); END""",
)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create every trigger of the tables that exist; existing ones are replaced.

    A migration that runs before a table is made leaves its triggers to the migration that follows the table.
    """
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        append_only = [table for table in APPEND_ONLY if table in there]
        kept = [_kept(table) for table in KEPT if table in there]
        balances = "receivables_writeoff" in there  # what moves a balance is known in full only then
        if connection.vendor == "postgresql":
            if balances:
                cursor.execute(_PG_ALLOCATION)
            cursor.execute(_PG_APPEND_ONLY_FUNCTION)
            for table in append_only:
                cursor.execute(_PG_APPEND_ONLY.format(table=table))
            for each in kept:
                cursor.execute(_PG_KEPT.format(**each))
            return
        remove(connection)
        for statement in _LITE_ALLOCATION.values() if balances else ():
            cursor.execute(statement)
        for table in append_only:
            for verb in ("UPDATE", "DELETE"):
                cursor.execute(_LITE_APPEND_ONLY.format(table=table, verb=verb))
        for each in kept:
            for statement in _LITE_KEPT:
                cursor.execute(statement.format(**each))


def _kept(table: str) -> dict[str, str]:
    columns, needed = KEPT[table]
    return {"table": table, "columns": ", ".join(f'"{column}"' for column in columns.split()), "needed": needed}


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop every trigger."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER IF EXISTS receivables_allocation_applied ON receivables_allocation")
            there = set(connection.introspection.table_names(cursor))
            for table in there.intersection(APPEND_ONLY):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
            for table in there.intersection(KEPT):
                for verb in ("update", "delete"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_kept_{verb} ON {table}")
            return
        for name in _LITE_ALLOCATION:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        for table in APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only_{verb}")
        for table in KEPT:
            for verb in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_kept_{verb}")


@contextmanager
def suspended(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Lift the triggers inside the current transaction; the caller writes rows that already agree with one another.

    Both databases roll DDL back with the transaction, so a crash leaves the triggers in place.
    """
    if not connection.in_atomic_block:
        message = "suspended() must run inside a transaction"
        raise RuntimeError(message)
    remove(connection)
    yield
    install(connection)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of triggers that should guard the tables and do not: none, in a sound installation."""
    kept = [f"{table}_kept_{verb}" for table in KEPT for verb in ("update", "delete")]
    if connection.vendor == "postgresql":
        expected = ["receivables_allocation_applied", *(f"{table}_append_only" for table in APPEND_ONLY), *kept]
        known = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    else:
        append_only = [f"{table}_append_only_{verb}" for table in APPEND_ONLY for verb in ("UPDATE", "DELETE")]
        expected = [*_LITE_ALLOCATION, *append_only, *kept]
        known = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(known)
        found = {name for (name,) in cursor.fetchall()}
    return [name for name in expected if name not in found]
