"""Words that columns and options may hold, declared once: CHECK constraints, options and the type checker agree.

Also names of columns that packages beside each other read.
"""

from __future__ import annotations

from typing import Literal

RunOutcome = Literal["RUNNING", "OK", "NOOP", "FAIL", "SUPERSEDED"]
# The status of a run and the zone of a reading have different words in V8, which its dashboards compare with.
HealthStatus = Literal["HEALTHY", "CAUTION", "ALERT", "UNKNOWN"]
HealthZone = Literal["GOOD", "WATCH", "ALERT"]
ColdstartStatus = Literal["PENDING", "IN_PROGRESS", "COMPLETE", "FAILED"]
BaselineStatus = Literal["PENDING", "DONE", "REJECTED", "REPLACED", "WITHDRAWN"]
ModelOrigin = Literal["coldstart", "refit", "baseline"]
RefitStatus = Literal["PENDING", "DONE", "REJECTED"]
RefitTrigger = Literal["REQUEST", "AGE", "DRIFT"]
ForecastStatus = Literal["STABLE", "DEGRADING", "BELOW", "UNKNOWN"]
EpisodeStatus = Literal["OPEN", "CLOSED"]
EpisodeSeverity = Literal["LOW", "MEDIUM", "HIGH"]
EpisodeCause = Literal["detectors", "drift"]
EpisodeEnd = Literal["cleared", "baseline"]
EpisodeLabel = Literal["fault", "sensor", "operation", "maintenance", "false_alarm"]
"""Kinds of causes: a fault of the machine or of a sensor, another way of operation, work on the machine, or nothing."""
NoteAction = Literal["ack", "note", "cause"]
OperatingState = Literal["off", "transient", "on"]
TagKind = Literal["analog", "digital", "counter"]

# How the readings of a machine are declared.
SourceShape = Literal["wide", "long"]
Fill = Literal["hold", "none"]
Aggregate = Literal["last", "mean", "min", "max"]
DateOrder = Literal["mdy", "dmy", "ymd"]
QualityRule = Literal["opc", "zero_good", "one_good", "percent", "words"]

HISTORIAN_TIME_COLUMN = "EntryDateTime"
"""Time column of a historian table, unless another one is named."""
# Origin of a reading of an import: of readings of one time, the last row of the last file counts.
FILE_COLUMN = "FileOrdinal"
ROW_COLUMN = "RowOrdinal"
