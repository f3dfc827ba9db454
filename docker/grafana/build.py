"""Write the dashboards of Grafana: python docker/grafana/build.py.

The queries are T-SQL that DuckDB reads as well, so that the tests can run them on both. ``$__timeFilter`` is a macro of
Grafana, ``$equip`` the machine that is chosen in the dashboard.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "dashboards"
SOURCE = {"type": "mssql", "uid": "acm_etl"}
COLUMNS = 24  # width of Grafana's grid
MACHINES_QUERY = "SELECT EquipCode AS __text, EquipID AS __value FROM Equipment WHERE EquipID > 0 ORDER BY EquipCode"


@dataclass(frozen=True)
class Panel:
    """A panel of a dashboard.

    Attributes:
        title: Title.
        kind: ``timeseries`` or ``table``.
        query: Statement; a time series has the columns ``time``, ``metric`` (optional) and ``value``.
        width: Columns of the grid.
        unit: Unit of Grafana.
        limits: Value and colour of each threshold, ascending.
    """

    title: str
    kind: str
    query: str
    width: int = COLUMNS
    unit: str = "none"
    limits: tuple[tuple[float | None, str], ...] = ()


HEALTH_LIMITS = ((None, "red"), (50, "orange"), (70, "green"))
"""Of the health index: alert below 50, watch below 70."""

DASHBOARDS: dict[str, tuple[str, tuple[Panel, ...]]] = {
    "fleet": (
        "Fleet",
        (
            Panel(
                "Machines, least healthy first",
                "table",
                "SELECT q.EquipCode, h.HealthIndex, h.HealthZone, h.FusedZ, h.Timestamp "
                "FROM ACM_HealthTimeline_Latest AS h INNER JOIN Equipment AS q ON q.EquipID = h.EquipID "
                "ORDER BY h.HealthIndex",
                12,
                limits=HEALTH_LIMITS,
            ),
            Panel(
                "Open episodes",
                "table",
                "SELECT q.EquipCode, e.StartTs, e.Severity, e.PeakFusedZ, e.PrimarySensor "
                "FROM ACM_Episodes AS e INNER JOIN Equipment AS q ON q.EquipID = e.EquipID "
                "WHERE e.Status = 'OPEN' ORDER BY e.PeakFusedZ DESC",
                12,
            ),
            Panel(
                "Lowest health of each day",
                "timeseries",
                'SELECT d."AsOf" AS time, q.EquipCode AS metric, d.MinHealth AS value '
                "FROM ACM_HealthDaily AS d INNER JOIN Equipment AS q ON q.EquipID = d.EquipID "
                'WHERE $__timeFilter(d."AsOf") ORDER BY time',
                limits=HEALTH_LIMITS,
            ),
            Panel(
                "Readings in alarm per day",
                "timeseries",
                'SELECT d."AsOf" AS time, q.EquipCode AS metric, d.AlarmCount AS value '
                "FROM ACM_HealthDaily AS d INNER JOIN Equipment AS q ON q.EquipID = d.EquipID "
                'WHERE $__timeFilter(d."AsOf") ORDER BY time',
            ),
        ),
    ),
    "machine": (
        "Machine",
        (
            Panel(
                "Health index",
                "timeseries",
                "SELECT h.Timestamp AS time, h.HealthIndex AS value FROM ACM_HealthTimeline AS h "
                "WHERE h.EquipID = $equip AND $__timeFilter(h.Timestamp) ORDER BY time",
                limits=HEALTH_LIMITS,
            ),
            Panel(
                "Anomaly score (z) and drift score",
                "timeseries",
                "SELECT s.Timestamp AS time, s.fused AS fused_z, s.drift_z FROM ACM_Scores_Wide AS s "
                "WHERE s.EquipID = $equip AND $__timeFilter(s.Timestamp) ORDER BY time",
            ),
            Panel(
                "Episodes",
                "table",
                "SELECT e.StartTs, e.EndTs, e.Status, e.Severity, e.PeakFusedZ, e.Culprits FROM ACM_Episodes AS e "
                "WHERE e.EquipID = $equip ORDER BY e.StartTs DESC",
                12,
            ),
            Panel(
                "Sensors by largest deviation",
                "table",
                "SELECT h.SensorName, h.LatestSignedZ, h.MaxSignedZ, h.LatestValue, h.TrainMean "
                'FROM ACM_SensorHotspots AS h WHERE h.EquipID = $equip AND h."AsOf" = '
                '(SELECT MAX(n."AsOf") FROM ACM_SensorHotspots AS n WHERE n.EquipID = $equip) ORDER BY h.MaxAbsZ DESC',
                12,
            ),
        ),
    ),
    "operations": (
        "Operations",
        (
            Panel(
                "Progress of each machine",
                "table",
                "SELECT q.EquipCode, p.LastBatchEndTime, p.DataMax, p.BatchesCompleted, p.UpdatedAt "
                "FROM ACM_BatchProgress AS p INNER JOIN Equipment AS q ON q.EquipID = p.EquipID "
                "ORDER BY p.LastBatchEndTime",
                12,
            ),
            Panel(
                "Failed runs",
                "table",
                "SELECT q.EquipCode, f.OccurredAt, f.Attempt, f.TableName, f.ErrorType, f.ErrorMessage "
                "FROM ACM_RunErrors AS f INNER JOIN Equipment AS q ON q.EquipID = f.EquipID "
                "WHERE $__timeFilter(f.OccurredAt) ORDER BY f.OccurredAt DESC",
                12,
            ),
            Panel(
                "Rows and seconds by table",
                "table",
                "SELECT m.TableName, SUM(m.RowsStaged) AS rows_staged, SUM(m.Seconds) AS seconds "
                "FROM ACM_WriteMetrics AS m WHERE $__timeFilter(m.GroupEnd) GROUP BY m.TableName ORDER BY seconds DESC",
                12,
            ),
            Panel(
                "Rejected and changed values",
                "table",
                "SELECT q.EquipCode, v.ColumnName, v.EventType, SUM(v.AffectedRows) AS rows_affected "
                "FROM ACM_DataQualityEvents AS v INNER JOIN Equipment AS q ON q.EquipID = v.EquipID "
                "WHERE $__timeFilter(v.EventTime) GROUP BY q.EquipCode, v.ColumnName, v.EventType "
                "ORDER BY rows_affected DESC",
                12,
            ),
        ),
    ),
}


def main() -> None:
    """Write all dashboards."""
    for name, text in format_dashboards().items():
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")


def format_dashboards() -> dict[str, str]:
    """Return the JSON of each dashboard by the name of its file."""
    return {
        name: json.dumps(_build(name, title, panels), indent=1) + "\n" for name, (title, panels) in DASHBOARDS.items()
    }


def _build(name: str, title: str, panels: tuple[Panel, ...]) -> dict[str, Any]:
    needs_machine = any("$equip" in panel.query for panel in panels)
    machine = {
        "name": "equip",
        "label": "Machine",
        "type": "query",
        "datasource": SOURCE,
        "query": MACHINES_QUERY,
        "refresh": 1,
    }
    return {
        "uid": f"acm-{name}",
        "title": f"acm_etl: {title}",
        "tags": ["acm_etl"],
        "timezone": "utc",
        "schemaVersion": 39,
        "time": {"from": "now-1y", "to": "now"},
        "refresh": "5m",
        "templating": {"list": [machine] if needs_machine else []},
        "links": [{"type": "dashboards", "tags": ["acm_etl"], "title": "acm_etl", "keepTime": True}],
        "panels": [_build_panel(number, panel, panels) for number, panel in enumerate(panels)],
    }


def _build_panel(number: int, panel: Panel, panels: tuple[Panel, ...]) -> dict[str, Any]:
    # From left to right, then down: widths add up to whole rows.
    left = sum(before.width for before in panels[:number])
    steps = [{"value": value, "color": color} for value, color in panel.limits or ((None, "text"),)]
    return {
        "id": number + 1,
        "type": panel.kind,
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": {"x": left % COLUMNS, "y": left // COLUMNS * 9, "w": panel.width, "h": 9},
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}},
            "overrides": [],
        },
        "targets": [
            {
                "refId": "A",
                "datasource": SOURCE,
                "format": "time_series" if panel.kind == "timeseries" else "table",
                "rawQuery": True,
                "editorMode": "code",
                "rawSql": panel.query,
            }
        ],
    }


if __name__ == "__main__":
    main()
