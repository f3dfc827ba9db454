"""The script that a user would write instead: DuckDB, Polars and scikit-learn, one table of raw scores.

    python bench/plain_script.py STORE TABLE TARGET

It fits on the first 90 days as acm_etl does, scores in chunks, and inserts the scores. It has no contract, no
transaction per batch, no resume, no calibration, no episodes and no daily tables: it is the least that the work costs
with these libraries, and an independent reference that shows a uniform slowdown of acm_etl.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from sklearn_detectors import Matrix, SklearnDetectors

_TIME = "EntryDateTime"
_TRAINING = timedelta(days=90)
_CHUNK_ROWS = 100_000
_WINDOW_ROWS = 16


def main(store: Path, table: str, target: Path) -> None:
    """Score a historian table into a new DuckDB file."""
    with duckdb.connect(str(store), read_only=True) as source, duckdb.connect(str(target)) as sink:
        first = source.execute(f'SELECT MIN("{_TIME}") FROM "{table}"').fetchall()[0][0]
        query = f'SELECT * FROM "{table}" WHERE "{_TIME}" BETWEEN ? AND ? ORDER BY "{_TIME}"'
        training = _fill_gaps(source.sql(query, params=[first, first + _TRAINING]).pl())
        detectors = SklearnDetectors(_readings(training), _make_features(training))
        rows = source.execute(f'SELECT * FROM "{table}" ORDER BY "{_TIME}"').to_arrow_reader(_CHUNK_ROWS)
        for number, batch in enumerate(rows):
            scores = _score(detectors, _fill_gaps(pl.DataFrame(batch)))  # noqa: F841 - DuckDB reads it by its name
            sink.execute(
                "CREATE TABLE scores AS SELECT * FROM scores" if number == 0 else "INSERT INTO main.scores FROM scores"
            )


def _score(detectors: SklearnDetectors, frame: pl.DataFrame) -> pl.DataFrame:
    scores = detectors.score(_readings(frame), _make_features(frame))
    return pl.DataFrame({_TIME: frame[_TIME], **scores})


def _fill_gaps(frame: pl.DataFrame) -> pl.DataFrame:
    """Hold the last value: scikit-learn takes no missing values."""
    return frame.with_columns(pl.exclude(_TIME).forward_fill().backward_fill().fill_null(0.0))


def _readings(frame: pl.DataFrame) -> Matrix:
    return frame.drop(_TIME).to_numpy()


def _make_features(frame: pl.DataFrame) -> Matrix:
    """Rolling mean and standard deviation, and the change over the window."""
    tags = pl.exclude(_TIME)
    return np.nan_to_num(
        frame.select(
            tags.rolling_mean(_WINDOW_ROWS).name.suffix(" mean"),
            tags.rolling_std(_WINDOW_ROWS).name.suffix(" std"),
            (tags - tags.shift(_WINDOW_ROWS)).name.suffix(" change"),
        ).to_numpy()
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
