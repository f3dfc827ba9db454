"""Operating regimes of the last 30 days: how often the machine was in each, and which sensors tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from acm_etl.report.queries import MachineRows
from acm_etl.report.readings import MachineReadings
from acm_etl.report.timeline import sort_regime_labels
from acm_etl.status.formatting import format_reading

PERIOD = timedelta(days=30)
_MAX_CELLS = 2_000_000
"""Readings times tags from which regimes are described; of longer periods the newest part is taken."""
_MAX_TAGS = 2
_MIN_SHARE = 0.3
"""Share of the variance of a tag that the regimes explain, from which the tag describes them."""


@dataclass(frozen=True, slots=True)
class RegimeSummary:
    """An operating regime over the last 30 days.

    Attributes:
        label: Label of the regime: a number, ``off`` or ``unknown``.
        percent: Share of the readings with a regime, percent.
        description: Medians of the sensors that tell the regimes apart; empty for ``off``, or if none does.
    """

    label: str
    percent: float
    description: str = ""


def read_regimes(rows: MachineRows, readings: MachineReadings, last: datetime | None) -> tuple[RegimeSummary, ...]:
    """Return the regimes of the last 30 days with their shares, numbered ones first.

    Args:
        rows: Reader of the rows of the machine.
        readings: Readings of the machine.
        last: Last scored reading, UTC; None without one.
    """
    shares = dict(rows.read_rows("ACM_RegimeOccupancy_Latest", ("RegimeLabel", "Percentage")).iter_rows())
    summaries = [RegimeSummary(label, shares[label]) for label in sort_regime_labels(list(shares))]
    numbered = [summary for summary in summaries if summary.label.isdigit()]
    # One regime is the whole machine: nothing tells it apart from another.
    if last is None or len(numbered) < 2:
        return tuple(summaries)
    texts = _describe_regimes(_read_labels(rows, last), readings)
    return tuple(replace(summary, description=texts.get(summary.label, "")) for summary in summaries)


def _describe_regimes(labels: pl.DataFrame, machine_readings: MachineReadings) -> dict[str, str]:
    tags = machine_readings.tags
    labels = labels.tail(_MAX_CELLS // max(len(tags), 1))
    if not labels.height or not tags:
        return {}
    end = labels["Timestamp"][-1] + timedelta(milliseconds=1)
    readings = machine_readings.pull_readings(tags, labels["Timestamp"][0], end)
    if readings is None or readings.width < 2:
        return {}
    # A time that was stored twice was scored once; which of its readings counts is not needed for a median.
    joined = labels.join(readings.unique("Timestamp"), on="Timestamp")
    chosen = rank_telling_tags(joined, readings.columns[1:])
    medians = joined.group_by("regime_label").agg(pl.col(chosen).fill_nan(None).median())
    units = {name: f" {tag.unit}" if tag.unit else "" for name, tag in tags.items()}
    return {
        label: ", ".join(
            f"{name} {format_reading(value)}{units[name]}"
            for name, value in zip(chosen, values, strict=True)
            if value is not None
        )
        for label, *values in medians.iter_rows()
    }


def _read_labels(rows: MachineRows, last: datetime) -> pl.DataFrame:
    """Return time and label of the readings of the period that are in a numbered regime, oldest first."""
    columns = ("Timestamp", "regime_label")
    where = "{Timestamp} > ? AND {Timestamp} <= ?"
    found = rows.read_rows("ACM_Scores_Wide", columns, where=where, params=[last - PERIOD, last], order="{Timestamp}")
    return found.filter(pl.col("regime_label").str.contains(r"^\d+$"))


def rank_telling_tags(labelled: pl.DataFrame, tags: Sequence[str]) -> list[str]:
    """Return the tags that tell the regimes apart best, best first.

    Args:
        labelled: ``regime_label`` and one column per tag.
        tags: Tags to rank.

    Returns:
        Up to two tags whose variance the regimes explain by 30 % or more (the correlation ratio).
    """
    values = labelled.select("regime_label", pl.col(tags).fill_nan(None))
    within = values.select((pl.col(tag) - pl.col(tag).mean().over("regime_label")).var().alias(tag) for tag in tags)
    total = values.select(pl.col(tags).var())
    explained = {
        tag: 1 - inside / whole
        for tag, inside, whole in zip(tags, within.row(0), total.row(0), strict=True)
        if inside is not None and whole
    }
    ranked = sorted(explained, key=lambda tag: -explained[tag])
    return [tag for tag in ranked if explained[tag] >= _MIN_SHARE][:_MAX_TAGS]
