"""Status rows of many machines from the store: health, episodes, drift, forecast and sensors.

One SQL statement per kind of fact, as in ``progress_queries``. Every method returns a mapping by EquipID.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from acm_etl.load.episodes import episode_notes
from acm_etl.load.episodes.episode_notes import NO_NOTES, MachineNotes
from acm_etl.load.models.model_tags import select_newest_models
from acm_etl.status.machine_queries import MachineQueries
from acm_etl.status.machine_status import OFF_REGIME, Episode, Forecast, Health, RegimePeriod, ZonePeriod
from acm_etl.status.sensor_facts import ContextDeviation, Contribution, Deviation, Drift, SensorFault
from acm_etl.tables.common import OUTSIDE_TRAINING, SENSOR_FAULTS, select_newest

# Later contributors have a few percent each, and fill a line that is read in a hurry.
_MAX_CULPRITS = 3
_EPISODE_COLUMNS = (
    "{EquipID}, {StartTs}, {EndTs}, {Status}, {DurationHours}, {PeakFusedZ}, {Severity}, {Culprits}, {OpenedBy},\n"
    "  {ClosedBy}"
)


class ConditionQueries(MachineQueries):
    """Set-based queries for the condition of machines, as of their last assessed readings."""

    @cached_property
    def _notes(self) -> dict[int, MachineNotes]:
        """Notes and failures of the machines, read once for all queries of episodes."""
        return episode_notes.read_notes(self._engine, list(self._wanted))

    def read_health(self) -> dict[int, Health]:
        """Return the last assessed reading of each machine; readings while the machine is off are not assessed."""
        sql = (
            "SELECT h.{EquipID}, h.{Timestamp}, h.{HealthIndex}, h.{HealthZone}, h.{FusedZ}, s.{regime_label}\n"
            "FROM (SELECT * FROM {ACM_HealthTimeline_Latest} WHERE {machines}) AS h\n"
            "JOIN {ACM_Scores_Wide} AS s ON s.{EquipID} = h.{EquipID} AND s.{Timestamp} = h.{Timestamp}"
        )
        return {
            row["EquipID"]: Health(
                row["Timestamp"], row["HealthIndex"], row["HealthZone"], row["FusedZ"], row["regime_label"]
            )
            for row in self._read_rows(sql)
        }

    def read_zones(self) -> dict[int, ZonePeriod]:
        """Return the open period in the current health zone."""
        # The view holds at most one row per machine: zones follow one another without overlap.
        sql = "SELECT {EquipID}, {AlertZone}, {StartTimestamp} FROM {ACM_AlertAge_Latest} WHERE {machines}"
        return {row["EquipID"]: ZonePeriod(row["AlertZone"], row["StartTimestamp"]) for row in self._read_rows(sql)}

    def read_regimes(self) -> dict[int, RegimePeriod]:
        """Return the open period in the current operating regime."""
        sql = (
            "SELECT {EquipID}, {RegimeLabel}, {StartTs} FROM {ACM_Regime_Episodes}\n"
            "WHERE {machines} AND {Status} = 'OPEN' ORDER BY {StartTs}"
        )
        periods: dict[int, RegimePeriod] = {}
        for row in self._read_rows(sql):
            # An open standstill outranks other open periods: the machine is off while it lasts.
            known = periods.get(row["EquipID"])
            if known is None or known.label != OFF_REGIME or row["RegimeLabel"] == OFF_REGIME:
                periods[row["EquipID"]] = RegimePeriod(row["RegimeLabel"], row["StartTs"])
        return periods

    def read_episodes(self, ended_since: datetime) -> dict[int, list[Episode]]:
        """Return open episodes, and closed ones that ended since a time; newest first."""
        sql = (
            f"SELECT {_EPISODE_COLUMNS}\n"
            "FROM {ACM_Episodes} WHERE {machines} AND ({Status} = 'OPEN' OR {EndTs} >= ?)\n"
            "ORDER BY {EquipID}, {StartTs} DESC"
        )
        return self._read_lists(sql, self._build_episode, after=[ended_since])

    def read_culprits(self) -> dict[int, tuple[datetime, list[Contribution]]]:
        """Return start and top contributing sensors of the newest episode of each machine."""
        # An open episode is always the newest one, so MAX(StartTs) finds it.
        newest = select_newest("{ACM_Episodes}", "{StartTs}", machines="{machines}")
        sql = (
            "SELECT c.{EquipID}, c.{StartTs}, c.{SensorName}, c.{ContributionPct}\n"
            f"FROM {newest} AS n JOIN {{ACM_EpisodeCulprits}} AS c\n"
            "  ON c.{EquipID} = n.{EquipID} AND c.{StartTs} = n.newest\n"
            "WHERE c.{Rank} <= ? ORDER BY c.{EquipID}, c.{Rank}"
        )
        culprits: dict[int, tuple[datetime, list[Contribution]]] = {}
        for row in self._read_rows(sql, after=[_MAX_CULPRITS]):
            _, shares = culprits.setdefault(row["EquipID"], (row["StartTs"], []))
            shares.append(Contribution(row["SensorName"], row["ContributionPct"]))
        return culprits

    def read_open_drifts(self) -> dict[int, list[Drift]]:
        """Return open drift events, newest first."""
        sql = (
            "SELECT {EquipID}, {SensorName}, {SegmentStart}, {Value} FROM {ACM_DriftEvents}\n"
            "WHERE {machines} AND {Status} = 'OPEN' ORDER BY {EquipID}, {SegmentStart} DESC"
        )
        # A fault drifts several sensors: all are kept, and the verdict counts them.
        return self._read_lists(sql, lambda row: Drift(row["SensorName"], row["SegmentStart"], row["Value"]))

    def read_forecasts(self) -> dict[int, Forecast]:
        """Return the newest health forecast."""
        sql = (
            # The status of the forecast is read with its numbers: without a degradation these are NULL, and not "no
            # forecast".
            "SELECT {EquipID}, {Status}, {IssuedAt}, {ThresholdUsed}, {RUL_Hours}, {LowerBound}, {UpperBound},\n"
            "  {FailureTime}, {TrendStart} FROM {ACM_RUL_Summary_Latest} WHERE {machines}"
        )
        return {
            row["EquipID"]: Forecast(
                row["Status"],
                row["IssuedAt"],
                row["ThresholdUsed"],
                row["RUL_Hours"],
                row["LowerBound"],
                row["UpperBound"],
                row["FailureTime"],
                row["TrendStart"],
            )
            for row in self._read_rows(sql)
        }

    def read_degradation_drivers(self) -> dict[int, list[Contribution]]:
        """Return the contributions of the sensors to the newest degradation trend, largest first."""
        sql = (
            "SELECT {EquipID}, {SensorName}, {FailureContribution} FROM {ACM_RUL_Attribution_Latest}\n"
            "WHERE {machines} ORDER BY {EquipID}, {FailureContribution} DESC"
        )
        # ACM_RUL_Attribution stores shares of 1, ACM_EpisodeCulprits percent; a status has percent for both.
        return self._read_lists(sql, lambda row: Contribution(row["SensorName"], 100 * row["FailureContribution"]))

    def read_deviations(self) -> dict[int, list[Deviation]]:
        """Return the deviations of the sensors in the last 30 days, largest first."""
        sql = (
            "SELECT {EquipID}, {SensorName}, {LatestSignedZ}, {MaxAbsZ}, {MaxTimestamp}, {LatestValue}, {TrainMean}\n"
            # A summary of the trailing days: it also exists while the machine is off.
            "FROM {ACM_SensorHotspots_Latest} WHERE {machines} ORDER BY {EquipID}, {MaxAbsZ} DESC, {SensorName}"
        )
        return self._read_lists(
            sql,
            lambda row: Deviation(
                row["SensorName"],
                row["LatestSignedZ"],
                row["MaxAbsZ"],
                row["MaxTimestamp"],
                row["LatestValue"],
                row["TrainMean"],
            ),
        )

    def read_motionless_readings(self) -> dict[int, int]:
        """Return the readings of the last 30 days of machines on which no tag changed in them."""
        # A tag is motionless if its longest run of equal values spans all of its readings.
        sql = (
            "SELECT {EquipID}, COUNT(*) AS tags, MAX({Readings}) AS readings,\n"
            "  COUNT(CASE WHEN {LongestFlat} >= {Readings} THEN 1 END) AS motionless\n"
            "FROM {ACM_DataQuality_Latest} WHERE {machines} GROUP BY {EquipID}"
        )
        # All tags must stand still: a single motionless tag is often a valve or a set point.
        return {
            row["EquipID"]: int(row["readings"] or 0)
            for row in self._read_rows(sql)
            if row["motionless"] == row["tags"]
        }

    def read_sensor_faults(self) -> dict[int, list[SensorFault]]:
        """Return the faulty sensors of the newest scored window, those with most readings first."""
        faults: dict[int, list[SensorFault]] = {}
        for row in self._newest_events:
            if row["EventType"] not in SENSOR_FAULTS:
                continue
            found = faults.setdefault(row["EquipID"], [])
            # A fault may change its kind within a window: the kind with most readings stands for the sensor.
            if row["ColumnName"] not in {fault.sensor for fault in found}:
                found.append(SensorFault(row["ColumnName"], row["EventType"], row["AffectedRows"]))
        return faults

    def read_context_deviations(self) -> dict[int, list[ContextDeviation]]:
        """Return the context tags that were outside their range in training in the newest scored window."""
        outside = [row for row in self._newest_events if row["EventType"] == OUTSIDE_TRAINING]
        ranges = self._read_context_ranges() if outside else {}
        deviations: dict[int, list[ContextDeviation]] = {}
        for row in outside:
            # Newer models may not have the tag any longer.
            if (known := ranges.get((row["EquipID"], row["ColumnName"]))) is not None:
                found = ContextDeviation(row["ColumnName"], row["AffectedRows"], *known)
                deviations.setdefault(row["EquipID"], []).append(found)
        return deviations

    def _read_context_ranges(self) -> dict[tuple[int, str], tuple[float, float]]:
        """Return the ranges of the context tags in the training of the newest models, by machine and tag."""
        sql = (
            "SELECT t.{EquipID}, t.{TagName}, t.{ContextLow}, t.{ContextHigh}\n"
            f"{select_newest_models('ACM_ModelTags', 't', '{machines}')}"
            "WHERE t.{ContextLow} IS NOT NULL"
        )
        return {
            (row["EquipID"], row["TagName"]): (row["ContextLow"], row["ContextHigh"]) for row in self._read_rows(sql)
        }

    @cached_property
    def _newest_events(self) -> list[dict[str, Any]]:
        """Sensor faults and readings outside of training in the newest scored window, most readings first."""
        # One statement for both: most machines have neither.
        kinds = ", ".join(f"'{kind}'" for kind in (*SENSOR_FAULTS, OUTSIDE_TRAINING))
        newest = select_newest("{RunLog}", "{WindowStart}", condition="m.{Outcome} = 'OK'", machines="{machines}")
        sql = (
            "SELECT q.{EquipID}, q.{ColumnName}, q.{EventType}, q.{AffectedRows}\n"
            f"FROM {newest} AS n\n"
            "JOIN {RunLog} AS r ON r.{EquipID} = n.{EquipID} AND r.{WindowStart} = n.newest\n"
            "JOIN {ACM_DataQualityEvents} AS q ON q.{RunID} = r.{RunID}\n"
            f"WHERE r.{{Outcome}} = 'OK' AND q.{{EventType}} IN ({kinds})\n"
            "ORDER BY q.{EquipID}, q.{AffectedRows} DESC, q.{ColumnName}"
        )
        return list(self._read_rows(sql))

    def read_newest_episodes(self, limit: int) -> dict[int, list[Episode]]:
        """Return the newest episodes of each machine, newest first."""
        sql = (
            "SELECT n.* FROM (\n"
            f"  SELECT {_EPISODE_COLUMNS},\n"
            # A limit per machine needs a window function; LIMIT and TOP would limit the whole result.
            "    ROW_NUMBER() OVER (PARTITION BY {EquipID} ORDER BY {StartTs} DESC) AS newest\n"
            "  FROM {ACM_Episodes} WHERE {machines}\n"
            ") AS n WHERE n.newest <= ? ORDER BY n.{EquipID}, n.newest"
        )
        return self._read_lists(sql, self._build_episode, after=[limit])

    def _build_episode(self, row: Mapping[str, Any]) -> Episode:
        """Return an episode from its row of ACM_Episodes."""
        notes = self._notes.get(row["EquipID"], NO_NOTES)
        return Episode(
            row["StartTs"],
            row["EndTs"],
            row["Status"],
            row["DurationHours"],
            row["PeakFusedZ"],
            row["Severity"],
            row["Culprits"],
            row["OpenedBy"],
            row["ClosedBy"],
            notes.review_episode(row["StartTs"], row["EndTs"], row["Severity"]),
        )
