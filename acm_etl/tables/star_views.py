"""Star schema for Power BI and similar tools: dimensions and facts that join on EquipID, TagKey and Date."""

from __future__ import annotations

from acm_etl.schema import View
from acm_etl.tables.aliases import LOCAL_TIME_MARKER
from acm_etl.tables.common import ADD_DAYS_MARKER


# One column, because such tools relate two tables by one column only. The EquipID ends at the first bar, so the key is
# unique whatever the tag is called.
def _tag_key(tag: str) -> str:
    """Return the key of a tag of machine ``t``."""
    return f"CONCAT(t.{{EquipID}}, '|', {tag})"


def _local_date(time: str) -> str:
    """Return the local date of the machine ``e`` at a time."""
    return f"CAST({LOCAL_TIME_MARKER}({time}|e.{{TimeZone}}) AS DATE)"


DIM_MACHINE = View(
    "DimMachine",
    "Star schema: one row per machine",
    "SELECT e.{EquipID}, e.{EquipCode}, COALESCE(e.{EquipName}, e.{EquipCode}) AS {EquipName}, e.{Area}, e.{Unit},\n"
    "  e.{TimeZone}\n"
    "FROM {Equipment} AS e",
    key=("EquipID",),
)

DIM_TAG = View(
    "DimTag",
    "Star schema: one row per tag of a machine",
    f"SELECT {_tag_key('t.{TagName}')} AS {{TagKey}}, t.{{EquipID}}, t.{{TagName}}, t.{{TagDescription}},\n"
    "  t.{TagUnit}, t.{TagType}, t.{IsActive}\n"
    "FROM {ACM_TagEquipmentMap} AS t",
    key=("TagKey",),
)

_DIGITS = "(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))"
# Without gaps, as time intelligence requires, and for whole years. Digits instead of recursion, which ends after 100
# steps in a view of SQL Server. 1900-01-01 is a Monday, so that the number of days gives the weekday on both engines.
DIM_DATE = View(
    "DimDate",
    "Star schema: one row per day of the years with results, without gaps",
    "SELECT d.{Date}, YEAR(d.{Date}) AS {Year}, MONTH(d.{Date}) AS {Month}, DAY(d.{Date}) AS {Day},\n"
    "  CASE WHEN MONTH(d.{Date}) <= 3 THEN 1 WHEN MONTH(d.{Date}) <= 6 THEN 2\n"
    "    WHEN MONTH(d.{Date}) <= 9 THEN 3 ELSE 4 END AS {Quarter},\n"
    "  100 * YEAR(d.{Date}) + MONTH(d.{Date}) AS {YearMonth}, d.{Number} % 7 + 1 AS {Weekday}\n"
    "FROM (\n"
    f"  SELECT n.{{Number}}, {ADD_DAYS_MARKER}('1900-01-01'|n.{{Number}}) AS {{Date}}\n"
    "  FROM (\n"
    "    SELECT d1.{n} + 10 * d2.{n} + 100 * d3.{n} + 1000 * d4.{n} + 10000 * d5.{n} AS {Number}\n"
    f"    FROM {_DIGITS} AS d1 ({{n}})\n"
    + "".join(f"    CROSS JOIN {_DIGITS} AS d{place} ({{n}})\n" for place in range(2, 6))
    + "  ) AS n\n"
    ") AS d\n"
    # A day more on both sides: the local date is at most a day away from the UTC time at which the day starts.
    "CROSS JOIN (\n"
    f"  SELECT YEAR({ADD_DAYS_MARKER}(MIN(h.{{AsOf}})|-1)) AS {{FirstYear}},\n"
    f"    YEAR({ADD_DAYS_MARKER}(MAX(h.{{AsOf}})|1)) AS {{LastYear}}\n"
    "  FROM {ACM_HealthDaily} AS h\n"
    ") AS y\n"
    "WHERE YEAR(d.{Date}) >= y.{FirstYear} AND YEAR(d.{Date}) <= y.{LastYear}",
    key=("Date",),
)

FACT_HEALTH_DAILY = View(
    "FactHealthDaily",
    "Star schema: health of each machine on each local day",
    f"SELECT t.{{EquipID}}, {_local_date('t.{AsOf}')} AS {{Date}}, t.{{AvgHealth}}, t.{{MinHealth}},\n"
    "  t.{LastHealth}, t.{MaxFusedZ}, t.{Readings}, t.{AssessedCount}, t.{GoodCount}, t.{WatchCount}, t.{AlertCount},\n"
    "  t.{AlarmCount},\n"
    # Sums of these two give the mean health of any period; a mean of means would weigh short days too much.
    "  t.{AvgHealth} * t.{AssessedCount} AS {HealthSum}\n"
    "FROM {ACM_HealthDaily} AS t\nJOIN {Equipment} AS e ON e.{EquipID} = t.{EquipID}",
    key=("EquipID", "Date"),
)

FACT_EPISODES = View(
    "FactEpisodes",
    "Star schema: alarm episodes, by the local date of their start",
    f"SELECT t.{{EquipID}}, {_local_date('t.{StartTs}')} AS {{Date}}, t.{{StartTs}}, t.{{EndTs}}, t.{{Status}},\n"
    "  t.{Severity}, t.{DurationHours}, t.{PeakFusedZ}, t.{MinHealthIndex}, t.{PrimarySensor},\n"
    f"  {_tag_key('t.{PrimarySensor}')} AS {{TagKey}}\n"
    "FROM {ACM_Episodes} AS t\nJOIN {Equipment} AS e ON e.{EquipID} = t.{EquipID}",
    key=("EquipID", "StartTs"),
)

FACT_SENSOR_DAILY = View(
    "FactSensorDaily",
    "Star schema: statistics of each tag on each local day",
    f"SELECT t.{{EquipID}}, {_tag_key('t.{SensorName}')} AS {{TagKey}}, {_local_date('t.{AsOf}')} AS {{Date}},\n"
    "  t.{Readings}, t.{Nulls}, t.{AboveWarnCount}, t.{AboveAlertCount}, t.{MaxSignedZ}, t.{ValueAtPeak},\n"
    "  t.{LatestSignedZ}, t.{LatestValue}, t.{BaselineCount}, t.{BaselineMean}\n"
    "FROM {ACM_SensorDaily} AS t\nJOIN {Equipment} AS e ON e.{EquipID} = t.{EquipID}",
    key=("TagKey", "Date"),
)

ALL = (DIM_MACHINE, DIM_TAG, DIM_DATE, FACT_HEALTH_DAILY, FACT_EPISODES, FACT_SENSOR_DAILY)
