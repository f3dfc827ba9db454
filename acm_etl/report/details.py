"""Facts of a machine that only its page shows: daily health, deviations of the sensors, maintenance window."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from acm_etl.report.queries import MachineRows
from acm_etl.status.machine_status import MachineStatus
from acm_etl.status.sensor_facts import Deviation

HEALTH_DAYS = 120
"""Days of daily health in the small chart of the overview."""


@dataclass(frozen=True, slots=True)
class PageDetails:
    """Facts of a machine beyond its status.

    Attributes:
        daily_health: Columns ``AsOf``, ``AvgHealth`` and ``MinHealth``; one row per day, oldest first.
        deviations: Deviations of the sensors in the last 30 days, the largest current one first.
        maintenance: Recommended maintenance window, as text; None if nothing degrades.
    """

    daily_health: pl.DataFrame
    deviations: tuple[Deviation, ...]
    maintenance: str | None


def read_page_details(rows: MachineRows, status: MachineStatus) -> PageDetails:
    """Read the facts of a machine beyond its status, and sort its deviations for a page."""
    # Days, not readings: the chart is 100 pixels wide.
    history = rows.read_rows("ACM_HealthDaily", ("AsOf", "AvgHealth", "MinHealth"), order="{AsOf}")
    # The view has no row for a machine that does not degrade.
    maintenance = rows.read_rows("ACM_MaintenanceRecommendation_Latest", ("Comment",))
    return PageDetails(
        daily_health=history.tail(HEALTH_DAYS),
        # The terminal sorts by the largest deviation of the period; a page about now sorts by the current one.
        deviations=tuple(sorted(status.deviations, key=lambda deviation: -abs(deviation.latest_z))),
        maintenance=maintenance.item() if maintenance.height else None,
    )
