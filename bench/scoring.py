"""Scoring: every head by itself, and all of it, against plain calls of scikit-learn on as many features."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import v8
from measure import Row, Way, contest

from acm_etl import score
from acm_etl.config import ScoreParams
from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.model import make_detectors
from acm_etl.score.prepare.features import compute_rolling_features
from acm_etl.tables.common import DETECTOR_NAMES

FITTED, ROWS, TAGS, COLUMNS = 6_000, 100_000, 33, 100
_START = datetime(2020, 1, 1)  # noqa: DTZ001 - all times are naive UTC


def heads(_folder: Path, repeats: int) -> list[Row]:
    """Each detector head on a matrix of 100 columns, against the scikit-learn calls that V8 makes for it."""
    rng = np.random.default_rng(5)
    X = _mixed(rng, FITTED + ROWS, COLUMNS)
    train, rows = _rows(X[:FITTED]), _rows(X[FITTED:])
    theirs = v8.Heads(X[:FITTED]).by_name()
    found: list[Row] = []
    for head in make_detectors(ScoreParams()):
        fitted = head.fit(train)
        ways = [
            Way(head.name, lambda fitted=fitted: _done(fitted.score(rows, {})), ROWS),
            Way(f"{head.name} by scikit-learn", lambda name=head.name: _done(theirs[name](rows.Z)), ROWS),
        ]
        found += contest(ways, repeats, against=ways[1].name)
    return found


def whole(_folder: Path, repeats: int) -> list[Row]:
    """Readings to z, alarms, episodes and days: 33 tags (99 rolling features), against the scikit-learn calls alone."""
    rng = np.random.default_rng(5)
    X = _mixed(rng, FITTED + ROWS, TAGS)
    frame = _frame(X)
    fitted, later = frame.head(FITTED), frame.tail(ROWS)
    model = score.fit(fitted)
    wide, _ = compute_rolling_features(X, X[:15], 16)
    plain, wanted = v8.Heads(wide[:FITTED]).by_name(), wide[FITTED:]
    assert set(plain) == set(DETECTOR_NAMES)  # noqa: S101 - the same eight
    light = score.fit(fitted, ScoreParams(forest_trees=1))
    ten = _frame(X[:, :10])
    small = score.fit(ten.head(FITTED))
    ways = [
        Way("score, 33 tags", lambda: _done(score.score(later, model)), ROWS),
        Way("score, 33 tags, 1 tree", lambda: _done(score.score(later, light)), ROWS),
        Way("score, 10 tags", lambda: _done(score.score(ten.tail(ROWS), small)), ROWS),
        Way("scikit-learn, 99 features", lambda: _done([one(wanted) for one in plain.values()]), ROWS),
    ]
    return contest(ways, repeats, against="scikit-learn, 99 features")


def _mixed(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    hidden = rng.normal(size=(rows, 4))
    return 50 + hidden @ rng.normal(size=(4, columns)) + rng.normal(size=(rows, columns))


def _rows(X: np.ndarray) -> DetectorInputs:
    Z = (X - 50) / X.std(axis=0)
    return DetectorInputs(Z, Z, np.ones(len(Z), bool), np.zeros(len(Z), bool))


def _frame(X: np.ndarray) -> pl.DataFrame:
    end = _START + timedelta(minutes=len(X) - 1)
    times = pl.datetime_range(_START, end, "1m", time_unit="us", eager=True)
    return pl.DataFrame({"Timestamp": times, **{f"t{i}": X[:, i] for i in range(X.shape[1])}})


def _done(_: object) -> None:
    """Results are not kept."""
