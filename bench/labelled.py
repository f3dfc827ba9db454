"""Detection quality on labelled series: one line per family of machines, for ``bench/quality.py``.

Each series is fitted on its training part with the default configuration and scored in sequence with its real time
steps. Labels are used for measuring only. ``culprits.py`` measures culprits, for which these files have no labels.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from acm_etl import simulate
from acm_etl.errors import ModelError
from acm_etl.score import ScoreResult, fit, score
from acm_etl.score.arrays import Bools, Floats
from acm_etl.tables.common import DETECTOR_NAMES

SHARED = Path(__file__).parents[2] / "shared"
LABELLED = SHARED / "data" / "labelled"
TIME = "Timestamp"
_NO_TAGS = ("datetime", "changepoint", "label", "group", "series", "t", "role", TIME)


class Missing(Exception):  # noqa: N818 - no error: the part is skipped
    """The data of a part is not on this machine."""


class Family(NamedTuple):
    """Labelled series of one kind of machine.

    Attributes:
        files: Names of the files in the folder of labelled data, without suffix.
        buffer_rows: Rows around an event in which VUS counts a detection in part.
        step_seconds: Time between rows of a file that has row numbers instead of times.
    """

    files: tuple[str, ...]
    buffer_rows: int
    step_seconds: int = 0


class SeriesScores(NamedTuple):
    """Scores of the test part of one series.

    Attributes:
        is_anomalous: Labels, n.
        alarm: Alarm flags, n.
        is_off: True where the operating state is off, n.
        scores: Scores by column: the detectors, and ``fused``, n each.
    """

    is_anomalous: Bools
    alarm: Bools
    is_off: Bools
    scores: dict[str, Floats]


class FamilyQuality(NamedTuple):
    """Detection quality of one family; means over series of areas, and rates over all rows.

    Attributes:
        series: Number of series that were scored.
        refused: Number of series for which no model could be fitted.
        fused_area: VUS-PR of the fused score.
        best_detector: Detector with the highest VUS-PR.
        best_area: Its VUS-PR.
        f1: F1 of the alarm.
        false_alarm_rate: Share (0..1) of the normal rows in alarm.
        missed_alarm_rate: Share (0..1) of the anomalous rows without alarm.
        off_share: Share (0..1) of the rows in state off.
    """

    series: int
    refused: int
    fused_area: float
    best_detector: str
    best_area: float
    f1: float
    false_alarm_rate: float
    missed_alarm_rate: float
    off_share: float


FAMILIES = {
    "skab": Family(("skab_dev",), 60, 1),
    "smd": Family(("smd_dev", "smd_more_dev"), 100, 60),
    "asd": Family(("asd_dev",), 100),
    "batadal": Family(("batadal_dev",), 24),
    "hydraulic": Family(("hydraulic_dev",), 60),
    "bearing": Family(("bearing_dev",), 20),
    "one_tag": Family(("one_tag_dev",), 100),
    "telemetry": Family(("telemetry_dev",), 100),
}


def measure_family(family: Family) -> FamilyQuality:
    """Score all series of a family and compare them with their labels."""
    compute_vus = load_vus()
    frames = [pl.read_parquet(require_path(LABELLED / f"{name}.parquet")) for name in family.files]
    scored = [
        score_series(part, family.step_seconds)
        for frame in frames
        for _, part in frame.group_by("series", maintain_order=True)
    ]
    usable = [series for series in scored if series is not None]
    areas = {
        name: float(np.mean([compute_vus(s.is_anomalous, s.scores[name], family.buffer_rows)[1] for s in usable]))
        for name in ("fused", *DETECTOR_NAMES)
    }
    best = max(DETECTOR_NAMES, key=lambda name: areas[name])
    label, alarm, is_off = (
        np.concatenate([getattr(series, name) for series in usable]) for name in ("is_anomalous", "alarm", "is_off")
    )
    return FamilyQuality(
        series=len(usable),
        refused=len(scored) - len(usable),
        fused_area=areas["fused"],
        best_detector=best,
        best_area=areas[best],
        f1=float(2 * (label & alarm).sum() / max(label.sum() + alarm.sum(), 1)),
        false_alarm_rate=float(alarm[~label].mean()),
        missed_alarm_rate=float(1 - alarm[label].mean()),
        off_share=float(is_off.mean()),
    )


def score_series(frame: pl.DataFrame, step_seconds: int) -> SeriesScores | None:
    """Return the scores of the test part of a series, or None if no model can be fitted on its training part.

    Args:
        frame: One series: both roles, tags and labels.
        step_seconds: As in ``Family``.
    """
    train, test = split_roles(frame, step_seconds)
    if (result := score_test_part(train, test)) is None:
        return None
    scored = result.frame
    return SeriesScores(
        is_anomalous=test["label"].to_numpy() == 1,
        alarm=scored["alarm"].to_numpy(),
        is_off=(scored["state"] == "off").to_numpy(),
        scores={name: scored[name].fill_null(0).to_numpy() for name in (*DETECTOR_NAMES, "fused")},
    )


def split_roles(frame: pl.DataFrame, step_seconds: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the training part and the test part of a series in time order, with times.

    Args:
        frame: One series: both roles, tags and labels.
        step_seconds: As in ``Family``.
    """
    if TIME not in frame.columns:
        # Row numbers of the two parts may start at 0 each: training comes first.
        frame = frame.sort(pl.col("role") != "train", "t").with_columns(
            (pl.lit(simulate.DEFAULT_START) + pl.duration(seconds=step_seconds * pl.int_range(pl.len()))).alias(TIME)
        )
    return frame.filter(role="train").sort(TIME), frame.filter(role="test").sort(TIME)


def score_test_part(train: pl.DataFrame, test: pl.DataFrame) -> ScoreResult | None:
    """Return the scored test part, or None if no model can be fitted on the training part."""
    either = pl.concat([train, test], how="diagonal_relaxed")
    tags = [name for name in test.columns if name not in _NO_TAGS and either[name].is_not_null().any()]
    try:
        model = fit(train.select(TIME, *tags))
    except ModelError:
        return None
    return score(test.select(TIME, *tags), model)


def format_quality(name: str, quality: FamilyQuality) -> str:
    """Return the line of a family below ``HEADER``."""
    return (
        f"  {name:<10}{quality.series:>7}{quality.refused:>8}{quality.fused_area:>9.3f}{quality.best_area:>8.3f} "
        f"{quality.best_detector:<11}{quality.f1:>6.3f}{quality.false_alarm_rate:>8.1%}{quality.missed_alarm_rate:>8.1%}"
        f"{quality.off_share:>8.1%}"
    )


HEADER = (
    f"  {'family':<10}{'series':>7}{'refused':>8}{'VUS-PR':>9}{'best':>8} {'detector':<11}{'F1':>6}{'FAR':>8}{'MAR':>8}"
    f"{'off':>8}"
)


def require_path(path: Path) -> Path:
    """Return the path if it exists.

    Raises:
        Missing: It does not exist.
    """
    if not path.exists():
        message = f"{path} is not on this machine"
        raise Missing(message)
    return path


def load_vus() -> Callable[..., tuple[float, float]]:
    """Load the measuring tool, which is not part of the project."""
    spec = importlib.util.spec_from_file_location("vus", require_path(SHARED / "tools" / "vus.py"))
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module.vus
