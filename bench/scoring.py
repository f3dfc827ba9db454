"""Score readings in memory: acm_etl against scikit-learn, a scikit-learn pipeline and PyOD on the same readings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.util import find_spec

import numpy as np
import polars as pl
from measure import Candidate, Measurement, interleave, measure_call
from sklearn.ensemble import IsolationForest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn_detectors import Matrix, SklearnDetectors

from acm_etl import score
from acm_etl.config import ScoreParams
from acm_etl.score.detectors import make_detectors
from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.prepare.features import compute_rolling_features

FITTED, ROWS, TAGS, DETECTOR_COLUMNS = 6_000, 100_000, 33, 100
_WINDOW = ScoreParams().rolling_rows
_START = datetime(2020, 1, 1)  # noqa: DTZ001 - all times are naive UTC
OURS = "acm_etl"
EQUAL, NARROW = "scikit-learn, equal inputs (33, forest 99)", "scikit-learn, 33 columns for all"
PYOD = "PyOD, four detectors, averaged"


def measure_score(rounds: int) -> tuple[list[Measurement], dict[str, str]]:
    """Measure readings to alarms, episodes and daily rows, against detectors alone on the same 33 tags.

    acm_etl gives 33 columns to seven detectors and 99 rolling features to the forest. The alternatives get the
    features ready made.
    """
    X = _simulate_readings(FITTED + ROWS, TAGS)
    features, _ = compute_rolling_features(X, X[: _WINDOW - 1], _WINDOW)
    frame = _make_frame(X)
    model = score.fit(frame.head(FITTED))
    later, rows, wide = frame.tail(ROWS), X[FITTED:], features[FITTED:]
    equal = SklearnDetectors(X[:FITTED], features[:FITTED])
    narrow = SklearnDetectors(X[:FITTED], X[:FITTED])
    pipeline = make_pipeline(StandardScaler(), IsolationForest(random_state=17)).fit(features[:FITTED])
    candidates = [
        Candidate.from_call(OURS, ROWS, lambda: score.score(later, model)),
        Candidate.from_call(EQUAL, ROWS, lambda: equal.score(rows, wide)),
        Candidate.from_call(NARROW, ROWS, lambda: narrow.score(rows, rows)),
        Candidate.from_call("scikit-learn pipeline, forest only", ROWS, lambda: pipeline.decision_function(wide)),
    ]
    skipped = {} if find_spec("pyod") else {PYOD: "pip install --group bench"}
    if not skipped:
        candidates.append(Candidate.from_call(PYOD, ROWS, _fit_pyod(X[:FITTED], rows)))
    return interleave(candidates, rounds, warm_up=True), skipped


def _fit_pyod(training: Matrix, rows: Matrix) -> Callable[[], object]:
    """Return a call that averages standardized scores, as PyOD's example of combinations does.

    Its detectors are those that acm_etl has as well.
    """
    from pyod.models.gmm import GMM  # noqa: PLC0415 - installed with the group bench only
    from pyod.models.iforest import IForest  # noqa: PLC0415
    from pyod.models.mcd import MCD  # noqa: PLC0415
    from pyod.models.pca import PCA  # noqa: PLC0415

    scaler = StandardScaler().fit(training)
    detectors = [
        detector.fit(scaler.transform(training))
        for detector in (IForest(random_state=17), PCA(random_state=17), GMM(3, random_state=17), MCD(random_state=17))
    ]
    centers = [(one.decision_scores_.mean(), one.decision_scores_.std()) for one in detectors]

    def score_rows() -> object:
        Z = scaler.transform(rows)
        scores = [
            (one.decision_function(Z) - at) / spread for one, (at, spread) in zip(detectors, centers, strict=True)
        ]
        return np.mean(scores, axis=0)

    return score_rows


def measure_detectors(rounds: int) -> list[Measurement]:
    """Measure each detector on 100 columns against its scikit-learn calls."""
    X = _simulate_readings(FITTED + ROWS, DETECTOR_COLUMNS)
    training, rows = _standardize(X[:FITTED]), _standardize(X[FITTED:])
    reference = SklearnDetectors(training.Z, training.Z)
    calls = reference.by_name() | {"iforest_z": reference.score_forest}
    found: list[Measurement] = []
    for detector in make_detectors(ScoreParams()):
        fitted, call = detector.fit(training), calls[detector.name]
        candidates = [
            Candidate(detector.name, ROWS, lambda fitted=fitted: measure_call(lambda: fitted.score(rows, {}))),
            Candidate(
                f"{detector.name}, scikit-learn",
                ROWS,
                lambda call=call: measure_call(lambda: call(rows.Z)),
                detector.name,
            ),
        ]
        found += interleave(candidates, rounds, warm_up=True)
    return found


def _simulate_readings(rows: int, columns: int) -> np.ndarray:
    """Return readings that follow four hidden factors, plus noise."""
    rng = np.random.default_rng(5)
    factors = rng.normal(size=(rows, 4))
    return 50 + factors @ rng.normal(size=(4, columns)) + rng.normal(size=(rows, columns))


def _standardize(X: np.ndarray) -> DetectorInputs:
    Z = (X - 50) / X.std(axis=0)
    return DetectorInputs(Z, Z, np.ones(len(Z), bool), np.zeros(len(Z), bool), np.ones(len(Z), np.int64))


def _make_frame(X: np.ndarray) -> pl.DataFrame:
    end = _START + timedelta(minutes=len(X) - 1)
    times = pl.datetime_range(_START, end, "1m", time_unit="us", eager=True)
    return pl.DataFrame({"Timestamp": times, **{f"t{i}": X[:, i] for i in range(X.shape[1])}})
