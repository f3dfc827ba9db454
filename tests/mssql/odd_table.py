"""A table with a column of every type, and rows with the values that drivers get wrong."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from acm_etl.schema import Table, col

ODD = Table(
    "Odd",
    "time",
    "Every type",
    (
        col("k", "i32", "x"),
        col("u", "uuid?", "x"),
        col("t", "ts3?", "x"),
        col("f", "f64?", "x"),
        col("n", "i64?", "x"),
        col("b", "bool?", "x"),
        col("s", "str(20)?", "x"),
        col("m", "text?", "x"),
        col("x", "bytes?", "x"),
    ),
    key=("k",),
    time_column="t",
)
RUN = "0a39443b-ae1f-4b5b-a35a-42ac78000001"
TIME = datetime(2024, 2, 29, 23, 59, 59, 999000)
ROWS = [
    (1, RUN, TIME, 0.1 + 0.2, 2**53 + 1, True, "Größe 温度 🌀", 'it\'s\n"a"\ttab', b"\x00\xff"),
    (2, None, None, None, None, None, None, None, None),
    (3, RUN, datetime(1, 1, 1), -0.0, -(2**63), False, "", "", b""),
    (
        4,
        RUN,
        datetime(9999, 12, 31, 23, 59, 59, 999000),
        1.7976931348623157e308,
        0,
        False,
        " x ",
        "?" * 9000,
        b"y" * 9000,
    ),
]


def odd(times=1):
    rows = [(row[0] + len(ROWS) * i, *row[1:]) for i in range(times) for row in ROWS]
    return pl.DataFrame(rows, schema=ODD.polars_schema, orient="row")
