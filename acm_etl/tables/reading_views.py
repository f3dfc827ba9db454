"""Views that show rows of another table under the name of a V8 table, with the columns that dashboards read there.

Earlier versions stored these rows a second time; ``load.replaced_tables`` migrates their stores.
"""

from __future__ import annotations

from collections.abc import Sequence

from acm_etl.schema import View
from acm_etl.tables.common import (
    CRITICAL_DRIFT_Z,
    HEALTH_ZONES,
    MIN_GOOD_HEALTH,
    MIN_WATCH_HEALTH,
    WARN_Z,
)


def _build_grade(value: str, limits: tuple[float, float], grades: Sequence[str]) -> str:
    """Build the SQL of a grade: the first from the first limit, the second from the second limit, else the third.

    Args:
        value: Column to grade; NULL stays NULL.
        limits: Limits in descending order.
        grades: Words of the three grades, best first.
    """
    # The exponent makes a limit a float on both engines. Without it, SQL Server reads a DECIMAL.
    high, low = (f"{limit}e0" for limit in limits)
    # The cast keeps the type of the former table: a CASE has the length of its longest word.
    return (
        f"CAST(CASE WHEN {value} >= {high} THEN '{grades[0]}' WHEN {value} >= {low} THEN '{grades[1]}'\n"
        f"    WHEN {value} IS NOT NULL THEN '{grades[2]}' END AS {{:str(16)}})"
    )


_HEALTH_ZONE = _build_grade("t.{HealthIndex}", (MIN_GOOD_HEALTH, MIN_WATCH_HEALTH), HEALTH_ZONES)
_REGIME_STATE = _build_grade("t.{drift_z}", (CRITICAL_DRIFT_Z, WARN_Z), ("critical", "suspect", "healthy"))

HEALTH_TIMELINE = View(
    "ACM_HealthTimeline",
    f"Health per reading (main view of dashboards): HealthZone is GOOD from {MIN_GOOD_HEALTH:g}, WATCH from"
    f" {MIN_WATCH_HEALTH:g}, ALERT below",
    f"SELECT t.{{RunID}}, t.{{EquipID}}, t.{{Timestamp}}, t.{{HealthIndex}},\n  {_HEALTH_ZONE} AS {{HealthZone}},\n"
    "  t.{fused} AS {FusedZ}\n"
    "FROM {ACM_Scores_Wide} AS t",
    key=("EquipID", "Timestamp"),
)

REGIME_TIMELINE = View(
    "ACM_RegimeTimeline",
    f"Operating regime per reading: RegimeState is critical from drift_z {CRITICAL_DRIFT_Z:g}, suspect from"
    f" {WARN_Z:g}, healthy below",
    f"SELECT t.{{RunID}}, t.{{EquipID}}, t.{{Timestamp}}, t.{{regime_label}} AS {{RegimeLabel}},\n"
    f"  {_REGIME_STATE} AS {{RegimeState}},\n  t.{{OperatingState}}\n"
    "FROM {ACM_Scores_Wide} AS t",
    key=("EquipID", "Timestamp"),
)

CULPRIT_HISTORY = View(
    "ACM_CulpritHistory",
    "Top contributing sensor of each episode (annotations of dashboards)",
    "SELECT t.{RunID}, t.{EquipID}, t.{StartTs} AS {StartTimestamp}, t.{EndTs} AS {EndTimestamp}, t.{DurationHours},\n"
    "  t.{PrimaryDetector}, t.{PrimarySensor}, c.{ContributionPct} AS {WeightedContribution}, t.{LeadMeanZ},\n"
    "  t.{AvgFusedZ} AS {DuringMeanZ}, t.{LagMeanZ}\n"
    "FROM {ACM_Episodes} AS t\n"
    # The whole key of a culprit, so that the join is a look-up.
    "LEFT JOIN {ACM_EpisodeCulprits} AS c\n"
    "  ON c.{EquipID} = t.{EquipID} AND c.{StartTs} = t.{StartTs} AND c.{SensorName} = t.{PrimarySensor}",
    key=("EquipID", "StartTimestamp"),
)

ALL = (HEALTH_TIMELINE, REGIME_TIMELINE, CULPRIT_HISTORY)
