"""Schema of a store: create it or bring it up to date."""

from __future__ import annotations

from dataclasses import dataclass, field

from acm_etl.engine import Engine
from acm_etl.load.maintenance import abandoned_runs
from acm_etl.load.maintenance.abandoned_runs import AbandonedRuns
from acm_etl.load.schema import migrate, replaced_tables, storage
from acm_etl.load.schema.storage import StorageOptions


@dataclass(frozen=True, slots=True)
class InitResult:
    """Result of an initialisation.

    Attributes:
        store: URL of the store, without secrets.
        created: Whether the store had no tables before.
        applied: Scripts that were applied, one line each; empty if the schema was current.
        skipped: Optional scripts that the permissions of this login do not allow, with the reason.
        old_tables: Tables of earlier versions that are kept aside; views have their names now.
        dropped: Such tables that were dropped.
        storage: Statements that changed the storage of tables.
        closed: Machines whose runs were RUNNING although no process worked on them, and are FAIL now.
    """

    store: str
    created: bool
    applied: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    old_tables: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    storage: list[str] = field(default_factory=list)
    closed: list[AbandonedRuns] = field(default_factory=list)


def init_store(
    engine: Engine,
    *,
    accept_differences: bool = False,
    drop_old: bool = False,
    storage_options: StorageOptions | None = None,
) -> InitResult:
    """Create the tables that are missing and apply the scripts that changed; safe to repeat.

    Args:
        engine: The store.
        accept_differences: Set tables of earlier versions aside even if the views with their names have other rows.
        drop_old: Drop the tables that are set aside.
        storage_options: How to store the tables with a row per reading; None leaves them as they are.

    Raises:
        StoreError: A table of an earlier version and its view have different rows; nothing was set aside.
        UnavailableError: The schema of the store is newer than this version.
        UsageError: A new required column cannot be added to existing rows.
    """
    # Asked before the scripts run: afterwards a new store and an updated one look the same.
    is_empty = not engine.get_table_names()
    # Skipped scripts are no error: a login without the right to create roles can still run backfills.
    update = migrate.init_schema(engine, accept_differences=accept_differences)
    dropped = replaced_tables.drop_old_tables(engine) if drop_old else []
    stored = storage.apply_storage_options(engine, storage_options) if storage_options else []
    old_tables = replaced_tables.find_old_tables(engine)
    closed = [] if is_empty else abandoned_runs.close_abandoned_runs(engine)
    return InitResult(engine.url, is_empty, update.applied, update.skipped, old_tables, dropped, stored, closed)
