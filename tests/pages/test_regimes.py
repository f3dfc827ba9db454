"""Regimes are described by the sensors that tell them apart."""

from __future__ import annotations

import polars as pl

from acm_etl.report.regimes import rank_telling_tags


def test_tags_that_differ_between_regimes_describe_them():
    rows = 300
    frame = pl.DataFrame(
        {
            "regime_label": [str(i % 3) for i in range(rows)],
            "load": [100.0 * (i % 3) + i % 7 for i in range(rows)],
            "noise": [float(i * 7919 % 101) for i in range(rows)],
            "speed": [float("nan") if i % 10 == 0 else 10.0 * (i % 3) + i % 11 for i in range(rows)],
            "constant": [5.0] * rows,
            "empty": [None] * rows,
        },
        schema_overrides={"empty": pl.Float64},
    )
    tags = frame.columns[1:]
    assert rank_telling_tags(frame, tags) == ["load", "speed"]
    assert rank_telling_tags(frame.select("regime_label", "noise", "constant"), ["noise", "constant"]) == []
