"""A season that training has not seen, from the readings to what people read."""

from __future__ import annotations

import json
from datetime import timedelta

import polars as pl
import pytest
from commands import run
from plants import CODE, START, history, make_plant

INLET = "DEMO.SIM.06T31_1FD Fan Inlet Temperature"
OPTIONS = {"score.context_tags": ["*inlet temp*"]}


@pytest.mark.slow
def test_a_context_tag_outside_of_training_is_recorded_and_shown(tmp_path):
    readings = history(days=20)
    days = (pl.col("EntryDateTime") - START).dt.total_seconds() / 86_400
    # The air becomes warmer by 3 K a day after the training.
    warmer = pl.col(INLET) + 3.0 * (days - 14).clip(lower_bound=0)
    place = make_plant(tmp_path / "warm.duckdb", readings=readings.with_columns(warmer.alias(INLET)))
    report = place.backfill_or_fail(options=OPTIONS)
    assert "outside_training" not in report.machines[0].rejected
    low, high = place.query("SELECT ContextLow, ContextHigh FROM ACM_ModelTags WHERE TagName = ?", [INLET]).row(0)
    found = place.query("SELECT * FROM ACM_DataQualityEvents WHERE EventType = 'outside_training'")
    assert set(found["ColumnName"]) == {INLET}
    values = [float(value) for samples in found["SampleValues"] for value in samples.split(", ")]
    assert not [value for value in values if low <= value <= high]
    machine = json.loads(run(place, "show", CODE, "--json").stdout)["machine"]
    (shown,) = machine["outside_training"]
    assert (shown["sensor"], shown["low"], shown["high"]) == (INLET, low, high)
    assert shown["readings"] == found["AffectedRows"][-1]
    assert found["AffectedRows"].sum() > 100
    assert "outside training" in run(place, "status").stdout
    before = place.table("ACM_DataQualityEvents")
    place.backfill_or_fail(options=OPTIONS, replay_from=START + timedelta(days=16))
    assert place.table("ACM_DataQualityEvents").equals(before)
