"""Which block of the training sets a level."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from acm_etl import score
from acm_etl.config import ScoreParams
from acm_etl.score.training.fold_report import CalibrationFolds, FoldSpan
from acm_etl.status import model_texts
from acm_etl.status.model_facts import CalibrationFold


def make_folds(left_out=()):
    fold_of_row = np.repeat(np.arange(4), 100)
    return CalibrationFolds(fold_of_row, np.arange(400), np.isin(fold_of_row, left_out))


def test_the_fold_with_most_of_the_highest_scores_is_named():
    z = np.linspace(0, 1, 400)
    z[100:104] += 5.0
    fold = make_folds().find_tail_fold(z, np.ones(400, bool))
    assert fold == (100.0, FoldSpan(100, 199))


def test_folds_that_are_alike_share_the_highest_scores():
    z = np.tile(np.linspace(0, 1, 100), 4)
    assert make_folds().find_tail_fold(z, np.ones(400, bool)).percent == pytest.approx(25.0)


def test_a_calibration_without_rows_has_no_fold():
    assert make_folds().find_tail_fold(np.zeros(400), np.zeros(400, bool)) is None


def test_the_times_of_a_fold_that_is_left_out():
    assert make_folds().find_left_out_fold() is None
    assert make_folds(left_out=[2]).find_left_out_fold() == FoldSpan(200, 299)


def test_a_model_tells_the_times_of_its_folds():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(800, 3)) + 10
    values[200:400] *= 1.5  # one block that is wilder than the others
    start = datetime(2024, 1, 1)
    times = pl.datetime_range(start, start + timedelta(hours=799), interval="1h", eager=True)
    frame = pl.DataFrame({"Timestamp": times, **{f"t{i}": values[:, i] for i in range(3)}})
    model = score.fit(frame, ScoreParams(forest_trees=8))
    rows = score.model_tables(score.Model.from_bytes(model.to_bytes()), model_version=1)["ACM_CalibrationSummary"]
    row = rows.filter(DetectorType="fused", OperatingState="on").row(0, named=True)
    assert row["TailFoldPct"] > 25
    span = row["TailFoldEnd"] - row["TailFoldStart"]
    assert span.total_seconds() / 3600 == pytest.approx(200, abs=10)


def test_a_level_that_rests_on_one_block_is_noted():
    start, end = datetime(2024, 1, 5), datetime(2024, 1, 12)
    assert model_texts.describe_calibration(CalibrationFold(60.0, start, end)) == []
    (note,) = model_texts.describe_calibration(CalibrationFold(90.0, start, end))
    assert "5 Jan 2024" in note
    assert len(model_texts.describe_calibration(CalibrationFold(90.0, start, end, start, end))) == 2
