"""Schema of a store: create it or bring it up to date."""

from __future__ import annotations

from dataclasses import dataclass, field

from acm_etl.engine import Engine
from acm_etl.load import migrate


@dataclass(frozen=True, slots=True)
class InitResult:
    """Result of an initialisation.

    Attributes:
        store: URL of the store, without secrets.
        created: Whether the store had no tables before.
        applied: Scripts that were applied, one line each; empty if the schema was current.
        skipped: Optional scripts that the permissions of this login do not allow, with the reason.
    """

    store: str
    created: bool
    applied: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def init_store(engine: Engine) -> InitResult:
    """Create the tables that are missing and apply the scripts that changed; safe to repeat.

    Raises:
        UnavailableError: The schema of the store is newer than this version.
        UsageError: A new required column cannot be added to existing rows.
    """
    # Asked before the scripts run: afterwards a new store and an updated one look the same.
    is_empty = not engine.get_table_names()
    steps = migrate.init_schema(engine)
    # Not an error: a login without the right to create roles can still run backfills.
    skipped = [step for step in steps if step.startswith(migrate.SKIPPED_PREFIX)]
    return InitResult(engine.url, is_empty, [step for step in steps if step not in skipped], skipped)
