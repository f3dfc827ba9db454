"""Sample of a training period: blocks of consecutive readings, for periods that do not fit into memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from acm_etl.score.arrays import Bools, Ints

_MIN_SPAN_ROWS = 8


@dataclass(frozen=True, slots=True)
class BlockSample:
    """Facts about a training frame that holds blocks of consecutive readings of a longer period.

    Blocks instead of single rows: AR(1), MEWMA and the rolling features need the rows before a row.

    Attributes:
        share: Share (0..1) of the readings of the period that are in the frame.
        block_starts: First time of each block, microseconds since 1970, ascending.
    """

    share: float
    block_starts: Sequence[int]

    def find_joint_rows(self, times: Ints, length: int) -> Bools:
        """Return which rows are among the first ``length`` rows of a block that follows another block.

        Args:
            times: Times of the rows, microseconds since 1970, ascending.
            length: Number of rows whose memory or window still holds rows of the block before.
        """
        block_numbers = np.searchsorted(np.asarray(self.block_starts), times, side="right")
        first_rows = np.flatnonzero(np.diff(block_numbers)) + 1
        is_joint = np.zeros(len(times), dtype=bool)
        is_joint[(first_rows[:, None] + np.arange(length)).ravel().clip(max=len(times) - 1)] = True
        return is_joint

    def shorten_span(self, span_rows: int) -> int:
        """Return the span in rows of the sample that covers as much time as ``span_rows`` rows of the period."""
        return max(_MIN_SPAN_ROWS, round(span_rows * self.share))
