"""Sentences about the models of a machine."""

from __future__ import annotations

from collections.abc import Sequence

from acm_etl.counts import format_count
from acm_etl.formatting import format_command
from acm_etl.load.models.model_tags import LoadIndicator
from acm_etl.status.formatting import format_date, format_number
from acm_etl.status.model_facts import BaselineNote, CalibrationFold
from acm_etl.status.sensor_facts import ContextDeviation


def describe_baseline(baseline: BaselineNote) -> str:
    """Return from when on a machine counts as normal, who said so and why, and what came of it."""
    who = f" by {baseline.requester}" if baseline.requester else ""
    text = f"normal from {format_date(baseline.effective_from)} on (baseline{who}: {baseline.reason})"
    if baseline.status == "DONE":
        return f"{text}; trained up to {format_date(baseline.train_end)}"
    if baseline.status == "REJECTED":
        return f"{text}: {baseline.message}"
    end = f"readings up to {format_date(baseline.train_end)}" if baseline.train_end else "enough readings"
    return f"{text}: waits for a backfill with {end}"


def describe_context(deviation: ContextDeviation, code: str) -> str:
    """Return which range of a context tag training has not seen, and what follows.

    Args:
        deviation: The context tag.
        code: Machine code, for the command.
    """
    trained = f"trained on {format_number(deviation.low)} to {format_number(deviation.high)}"
    refit = format_command("refit", code)
    readings = format_count(deviation.readings, "reading")
    return (
        f"outside training: {deviation.sensor} ({readings}, {trained}); alarms need more there; to learn it from the "
        f"healthy readings, run: {refit}"
    )


def describe_calibration(fold: CalibrationFold) -> list[str]:
    """Return what is peculiar about the parts of the training that set the levels of alarms; empty if nothing is."""
    notes = []
    if fold.is_one_sided:
        span = f"{format_date(fold.tail_start)} to {format_date(fold.tail_end)}"
        share = format_number(fold.tail_percent, 0)
        notes.append(
            f"one part of the training sets the level of alarms: {share} % of its highest scores are from {span}; "
            "if the machine was not normal then, train on other days"
        )
    if fold.left_out_start is not None:
        span = f"{format_date(fold.left_out_start)} to {format_date(fold.left_out_end)}"
        notes.append(f"readings from {span} are unlike the rest of the training and set no level of alarms")
    return notes


def describe_load_indicators(indicators: Sequence[LoadIndicator]) -> str:
    """Return by which readings the models tell whether a machine is in operation."""
    if not indicators:
        return "Every reading counts as in operation: no tag tells when the machine is off"
    levels = ", ".join(
        f"{each.sensor} < {each.idle_level:.4g}" + (f" {each.unit}" if each.unit else "") for each in indicators
    )
    # The vote of StateClassifier: one dead sensor of several never switches a machine off.
    vote = "" if len(indicators) == 1 else "at least half of these, and no fewer than two, hold: "
    return f"The machine counts as off while {vote}{levels}"
