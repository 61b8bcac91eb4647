"""Django's `migrate`, which makes an empty database at once instead of living through its history."""

from typing import Any

from django.apps import apps
from django.core.management.commands import migrate
from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from huikuan.storage import triggers

_HISTORY = "django_migrations"


class Command(migrate.Command):
    """Bring the database up to date: an empty one by making every table as it is today, any other step by step.

    Step by step costs an empty database some twenty seconds, all of it spent on what the models once were. That both
    ways end in the same database is tested (tests/modules/storage/test_migrate.py); a migration that changes rows must
    therefore have nothing to change when there are none. Decision 0060.
    """

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Make the tables if there are none, then do what Django does."""
        asked_for_all = not (options["app_label"] or options["fake"] or options["plan"] or options["check_unapplied"])
        if asked_for_all:
            connection = connections[options["database"]]
            connection.prepare_database()
            if set(connection.introspection.table_names()) <= {_HISTORY}:
                make_tables(connection)
        return super().handle(*args, **options)


def make_tables(connection: BaseDatabaseWrapper) -> None:
    """Make every table, its triggers, and the record that all migrations are applied: all of it, or nothing."""
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    if recorder.migration_qs.exists():
        return
    loader = MigrationLoader(connection)
    with connection.schema_editor() as editor:
        for config in apps.get_app_configs():
            if config.label in loader.migrated_apps:
                for model in router.get_migratable_models(config, connection.alias):
                    if model._meta.can_migrate(connection):
                        editor.create_model(model)
        triggers.install(connection)
        recorder.migration_qs.bulk_create(
            [recorder.Migration(app=app, name=name) for app, name in sorted(loader.graph.nodes)]
        )
