"""The share of usable cells of a run, which ACM_Runs stores as DataQualityScore."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest

from acm_etl.run.lineage import Run
from acm_etl.run.run_rows import compute_usable_shares
from acm_etl.source_spec import MISSING_TAG
from acm_etl.windows import Window

START = datetime(2024, 1, 1)
RUN = Run("run", Window(START, START + timedelta(days=1)), window_count=1, reading_count=10)


@pytest.mark.parametrize(
    ("column", "event", "share"),
    [
        ("Speed", "bad_quality", 95.0),
        ("", "duplicate", 90.0),
        ("TagName", MISSING_TAG, 100.0),
        ("TagName", "nan", 95.0),
    ],
)
def test_rejected_cells_and_readings_lower_the_share_and_rows_without_a_tag_do_not(column, event, share):
    rejected = pl.DataFrame({"Timestamp": [START], "ColumnName": [column], "EventType": [event], "Value": ["x"]})
    assert compute_usable_shares(rejected, [RUN], tag_count=2)["DataQualityScore"].to_list() == [share]
