"""Failures of machines in the past, and which episode each of them follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from acm_etl.dialects.parameters import build_in_condition
from acm_etl.engine import Engine
from acm_etl.load.single_rows import replace_row
from acm_etl.tables.notices import FAILURES

# A month: the longest horizon of the forecast. Episodes further back have had time for a cause of their own.
MAX_LEAD = timedelta(days=30)
"""Longest time from the end of an episode to a failure that it is labelled with."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A row of ACM_Failures.

    Attributes:
        failed_at: Time of the failure, UTC.
        cause: Cause; None if it is not known.
        imported_at: When the row was written, UTC.
        imported_by: Who imported it.
    """

    failed_at: datetime
    cause: str | None
    imported_at: datetime
    imported_by: str


def read_failures(engine: Engine, equip_ids: Sequence[int]) -> dict[int, tuple[Failure, ...]]:
    """Return the failures of machines by EquipID, oldest first; the result may hold other machines as well."""
    machines, params = build_in_condition("{EquipID}", equip_ids)
    sql = engine.dialect.sql(
        "SELECT {EquipID}, {FailedAt}, {Cause}, {ImportedAt}, {ImportedBy} FROM {ACM_Failures}\n"
        f"WHERE {machines}\nORDER BY {{EquipID}}, {{FailedAt}}"
    )
    failures: dict[int, list[Failure]] = {}
    for equip_id, *fields in engine.query(sql, params).iter_rows():
        failures.setdefault(equip_id, []).append(Failure(*fields))
    return {equip_id: tuple(rows) for equip_id, rows in failures.items()}


def replace_failure(engine: Engine, equip_id: int, failure: Failure) -> None:
    """Store a failure, in the transaction of the caller; a stored one of the same time is replaced."""
    values = {
        "EquipID": equip_id,
        "FailedAt": failure.failed_at,
        "Cause": failure.cause,
        "ImportedAt": failure.imported_at,
        "ImportedBy": failure.imported_by,
    }
    replace_row(engine, FAILURES, values)


def find_next_failure(failures: Sequence[Failure], start: datetime, end: datetime) -> Failure | None:
    """Return the first failure during an episode or up to ``MAX_LEAD`` after it; None if there is none.

    Args:
        failures: Failures of the machine, oldest first.
        start: First reading of the episode in alarm, UTC.
        end: Last reading of the episode in alarm, UTC.
    """
    return next((each for each in failures if start <= each.failed_at <= end + MAX_LEAD), None)
