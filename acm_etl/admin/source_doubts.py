"""Doubts about a declared source: what a person should confirm before the first backfill."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from acm_etl.admin.source_time import EARLIEST_TIME
from acm_etl.counts import format_count
from acm_etl.io import sampling
from acm_etl.io.historian_declared import TagExtent
from acm_etl.source_spec import SourceSpec
from acm_etl.windows import DAY

_MAX_NAMES = 5
_DOUBTFUL_SHARE = 0.5
"""Share of the first readings that are lost or share their time, from which the declaration is more likely wrong."""


def list_doubts(
    spec: SourceSpec, extents: Sequence[TagExtent], cells: sampling.CellChunk, losses: pl.DataFrame
) -> list[str]:
    """Return guesses and oddities that a person should confirm, one sentence each.

    Args:
        spec: The declaration.
        extents: The selected tags and their readings.
        cells: First raw readings, ascending by time.
        losses: Cells of these that are not taken as they stand, with ``EventType`` and ``Value``.
    """
    return [
        *_list_loss_doubts(spec, cells, losses),
        *_list_sampling_doubts(spec, extents, cells),
        *_list_extent_doubts(extents),
    ]


def _list_loss_doubts(spec: SourceSpec, cells: sampling.CellChunk, losses: pl.DataFrame) -> list[str]:
    limit = _DOUBTFUL_SHARE * cells.times.size
    doubts = []
    bad, texts = (losses.filter(pl.col("EventType") == event) for event in ("bad_quality", "text_value"))
    if bad.height > limit:
        doubts.append(
            f"the quality rule {spec.quality_rule} takes {bad.height:,} of the first {cells.times.size:,} readings as "
            f"bad; look at the values of {spec.quality_column}, and choose another rule with --quality-rule"
        )
    if texts.height > limit:
        doubts.append(
            f"{texts.height:,} of the first {cells.times.size:,} values are texts that are no numbers, "
            f"e.g. {texts['Value'][0]!r}; convert them in a query"
        )
    repeated = cells.times.size - np.unique(np.stack([cells.times, cells.tags.astype(np.int64)]), axis=1).shape[1]
    # Two machines with the same tags repeat half of all cells; a server that writes some rows twice repeats few.
    if repeated >= _DOUBTFUL_SHARE * limit:
        doubts.append(
            f"{repeated:,} of the first {cells.times.size:,} readings have the tag and the time of another one; "
            "if several machines share the source, add --where COLUMN=VALUE"
        )
    return doubts


def _list_sampling_doubts(spec: SourceSpec, extents: Sequence[TagExtent], cells: sampling.CellChunk) -> list[str]:
    # Only proposed: a grid changes every score, and the user has not asked for one.
    proposal = sampling.infer_sampling(cells, len(extents))
    if spec.sampling is not None or proposal is None:
        return []
    return [f"the tags have times of their own; sample these on a grid: {proposal.describe()}"]


def _list_extent_doubts(extents: Sequence[TagExtent]) -> list[str]:
    doubts = []
    empty = [extent.name for extent in extents if not extent.readings]
    if empty:
        doubts.append(
            f"{format_count(len(empty), 'tag')} without readings: {', '.join(empty[:_MAX_NAMES])}; "
            "leave these out with --exclude"
        )
    unnamed = sum(extent.readings for extent in extents if not extent.name.strip())
    if unnamed:
        doubts.append(
            f"{unnamed:,} readings have an empty tag name; give their tags names, or leave them out, in a query"
        )
    early = [extent.first for extent in extents if extent.first and extent.first < EARLIEST_TIME]
    if early:
        doubts.append(
            f"the first reading is of {min(early):%Y-%m-%d}: a clock that was not set? "
            "Leave such rows out with acm-etl backfill --from, or in a query"
        )
    # A tag that ended long before the others is often a sensor that was replaced.
    known = [extent.last for extent in extents if extent.last is not None]
    # Compared with the other tags and not with the clock: an old export is not stale.
    stale = [extent.name for extent in extents if extent.last and extent.last < max(known) - 30 * DAY]
    if stale:
        tags = format_count(len(stale), "tag")
        doubts.append(f"{tags} ended more than 30 days before the others: {', '.join(stale[:_MAX_NAMES])}")
    return doubts
