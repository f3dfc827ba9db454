"""Usual names of columns in exports: of tags, values and machines; and the tag of a pair of columns."""

from __future__ import annotations

import re

# After simplify_name: WinCC (varname), AVEVA (tagname), Influx (_field), Home Assistant (entity_id), OPC UA (nodeid).
TAG_NAMES = frozenset({
    "tag", "tagname", "tagid", "tagpath", "varname", "variable", "variablename", "point", "pointname", "pointid",
    "sensor", "sensorname", "sensorid", "signal", "signalname", "channel", "channelname", "item", "itemname",
    "itemid", "metric", "parameter", "attribute", "_field", "entityid", "nodeid", "series", "seriesname",
    "objectname", "measurement", "messstelle", "messstellenname", "kanal", "bezeichnung", "variablenname",
    "etiqueta", "repere", "nomtag", "tagindex", "_name", "pipoint", "measurename", "тег", "сигнал",
    "sygnał", "signál", "segnale", "señal",
})  # fmt: skip
# Words for a value and nothing else; the other names say how it is stored, or may be that of a tag.
VALUE_WORDS = frozenset({"value", "values", "val", "wert", "messwert", "valeur", "valor", "valore", "waarde"})
# Products with a column per type write the states of digital tags as words into one of these.
TEXT_VALUE_NAMES = frozenset({
    "stringvalue", "textvalue", "strvalue", "valuestring", "valuetext", "valuestr", "textval", "valueasstring",
    "measurevaluevarchar",
})  # fmt: skip
VALUE_NAMES = VALUE_WORDS | TEXT_VALUE_NAMES | frozenset({
    "varvalue", "_value", "floatvalue", "intvalue", "doublevalue", "vvalue", "state",
    "reading", "värde", "значение", "wartość", "hodnota",
    "værdi", "verdi", "arvo", "currentvalue", "actualvalue",
    "datavalue", "valuedouble", "numericvalue", "valuey", "y", "boolvalue", "booleanvalue", "realvalue", "longvalue",
    "integervalue", "decimalvalue", "digitalvalue", "analogvalue", "valuefloat", "valueint", "valuereal", "valuebool",
    "valueasreal", "measurevaluedouble", "measurevaluebigint", "measurevalueboolean", "iptrendvalue",
    "numvalue", "numval",
})  # fmt: skip
MACHINE_NAMES = frozenset({
    "machine", "machineid", "equip", "equipment", "equipmentid", "equipid", "asset", "assetid", "assetname", "unit",
    "unitid", "device", "deviceid", "devicename", "turbine", "turbineid", "pump", "pumpid", "station", "stationid",
    "site", "plant", "line", "engine", "engineid", "maschine", "anlage",
})  # fmt: skip
# Columns with the unit of each row of a long file; "Unit" may also name machines.
UNIT_NAMES = frozenset({
    "unit", "units", "uom", "unitofmeasure", "unitsofmeasure", "engunit", "engunits", "engineeringunit",
    "engineeringunits", "eu", "einheit", "unité", "unite", "unidad", "unità", "unita", "eenheid", "jednostka",
    "jednotka", "enhet",
})  # fmt: skip
# Annotated CSV of Influx repeats the number of the table and the range of the query in every row.
INFLUX_BOOKKEEPING = frozenset({"result", "table", "_start", "_stop", "_time", "_value"})
# Options of the query, which AVEVA Historian repeats in every row.
AVEVA_BOOKKEEPING = frozenset({
    "wwresolution", "wwcyclecount", "wwrowcount", "wwtagkey", "wwversion", "wwretrievalmode", "wwedgedetection",
    "wwtimedeadband", "wwvaluedeadband", "wwtimezone", "wwtimestamprule", "wwinterpolationtype", "wwqualityrule",
    "wwmaxstates",
})  # fmt: skip
MILLISECOND_NAMES = frozenset({
    "millitm", "millisecond", "milliseconds", "millisec", "millisecs", "msec", "msecs", "ms", "subsec",
})  # fmt: skip
# The fraction of a second tells rows of one second apart, but names nothing.
FRACTION_NAMES = MILLISECOND_NAMES | {"microsecond", "microseconds"}
_PAIR_SUFFIXES = re.compile(
    r"[\s._-]*(time|timestamp|zeit|date|datum|valuey|value|wert|ts|t)\s*(\(\d+\))?$", re.IGNORECASE
)
_REPEAT_SUFFIX = re.compile(r" \(\d+\)$")
UNNAMED = re.compile(r"column \d+")
"""Name that the import gives to a column without a name."""


def strip_repeat_number(name: str) -> str:
    """Return a column name as the file writes it: the import numbers a name that repeats, ``Flow (2)``."""
    return _REPEAT_SUFFIX.sub("", name)


def simplify_name(name: str) -> str:
    """Return a column name in lower case without blanks, units in brackets, and marks except a leading underscore."""
    text = re.sub(r"[\[(].*?[\])]", "", strip_repeat_number(name)).strip().casefold()
    return ("_" if text.startswith("_") else "") + re.sub(r"[\s._\-/:#]+", "", text)


def is_generic_value_name(name: str) -> bool:
    """Return True if a column name says "value" and nothing about the tag."""
    return simplify_name(name) in VALUE_NAMES


def name_pair(time: str, value: str) -> str:
    """Return the tag of a pair: the name of the value column, or of its time column if that says nothing."""
    plain = strip_repeat_number(value)
    stem_of_time = _PAIR_SUFFIXES.sub("", strip_repeat_number(time))
    # PI DataLink writes the tag above the times only: the column of values has no name.
    if is_generic_value_name(plain) or UNNAMED.fullmatch(plain):
        return stem_of_time or value
    # WinCC writes "FI-101 Time;FI-101 ValueY": the tag is the part that both names share.
    stem = _PAIR_SUFFIXES.sub("", plain)
    return stem if stem and stem == stem_of_time else plain
