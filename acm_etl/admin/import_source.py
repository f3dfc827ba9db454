"""Chunks of readings on their way from a reader to the store: counted, and without readings from the future."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from acm_etl.admin.import_results import ImportedFile
from acm_etl.io.files.plan import PreparedImport
from acm_etl.io.files.reader import ReadingsChunk, stream_readings
from acm_etl.io.files.rejections import build_rejections, sum_rejections
from acm_etl.load.historian.quality_events import FUTURE_READING
from acm_etl.progress import Progress
from acm_etl.words import FILE_COLUMN, HISTORIAN_TIME_COLUMN


@dataclass(frozen=True, slots=True)
class ReadingsSource:
    """Readings of the files of one machine.

    Attributes:
        files: Names of the files, in order of precedence; ``FileOrdinal`` counts them from 0.
        tags: Tags of all files.
        row_count: Rows of all files that fit their header; the others are counted as ``ragged_row``.
        messages: Detected formats, one sentence each.
        chunks: The readings, in order of precedence, with the counts of what was not taken; read once.
    """

    files: Sequence[str]
    tags: Sequence[str]
    row_count: int
    messages: Sequence[str]
    chunks: Iterable[ReadingsChunk]


def open_source(prepared: PreparedImport) -> ReadingsSource:
    """Return the readings of a planned import; the files are read while the chunks are iterated."""
    return ReadingsSource(
        [file.table.name for file in prepared.files],
        prepared.plan.tags,
        prepared.row_count,
        [*prepared.notes, *prepared.doubts],
        stream_readings(prepared),
    )


@dataclass(slots=True)
class _FileTally:
    """Readings of one file so far."""

    rows: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def add_times(self, times: pl.Series) -> None:
        self.rows += len(times)
        first, last = times.min(), times.max()
        # Polars types the minimum of a series as any value; the test is for the type checker and for an empty series.
        if isinstance(first, datetime) and isinstance(last, datetime):
            self.first, self.last = min(self.first or first, first), max(self.last or last, last)


@dataclass(slots=True)
class CountedChunks:
    """Frames for the store; they are counted while they are read.

    Attributes:
        source: The readings.
        time_column: Time column of the historian table.
        latest: Latest time that a reading may have, UTC; later ones are left out and counted.
        equip: Machine code, for the progress.
        progress: Receives the progress.
        rejections: Counts of what was not taken, one frame per chunk.
        tallies: Readings by number of the file.
    """

    source: ReadingsSource
    time_column: str
    latest: datetime
    equip: str
    progress: Progress
    rejections: list[pl.DataFrame] = field(default_factory=list)
    tallies: dict[int, _FileTally] = field(default_factory=dict)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Yield the frames: time, number of the file, and tags."""
        self.progress.start_machine(self.equip, windows=self.source.row_count)
        for chunk in self.source.chunks:
            frame = self._leave_out_future(chunk.frame)
            # Also for a chunk without rows left: its rejected values belong to the account.
            self.rejections.append(chunk.rejections)
            if frame.height:  # a chunk is a stretch of one file
                self.tallies.setdefault(frame[FILE_COLUMN][0], _FileTally()).add_times(frame[HISTORIAN_TIME_COLUMN])
            # Rows of the file, not the rows that are left: the total of the progress bar counts the former.
            # The last chunk of a file has its rejections and no rows.
            if chunk.row_count:
                self.progress.advance(self.equip, windows=chunk.row_count, rows=chunk.row_count, detail="import")
            yield frame.rename({HISTORIAN_TIME_COLUMN: self.time_column})

    def _leave_out_future(self, frame: pl.DataFrame) -> pl.DataFrame:
        # One maximum per chunk in the usual case: a filter would copy each frame.
        newest = frame[HISTORIAN_TIME_COLUMN].max()
        if not isinstance(newest, datetime) or newest <= self.latest:
            return frame
        # A reading from the future would move the progress ahead and silence the machine until the clock reaches it.
        future = frame[HISTORIAN_TIME_COLUMN].filter(frame[HISTORIAN_TIME_COLUMN] > self.latest)
        self.rejections.append(build_rejections([("", FUTURE_READING, len(future), future)]))
        return frame.filter(pl.col(HISTORIAN_TIME_COLUMN) <= self.latest)

    def sum_rejections(self) -> pl.DataFrame:
        """Return the counts of all chunks, one row per column and reason."""
        return sum_rejections(self.rejections)

    def count_rows(self) -> int:
        """Return the rows of the files, those that do not fit their header included."""
        # The reader counts a ragged row as rejected only, because it is not part of the frame.
        whole_rows = self.sum_rejections().filter(ColumnName="")
        return self.source.row_count + int(whole_rows.filter(EventType="ragged_row")["AffectedRows"].sum())

    def count_future(self) -> int:
        """Return the readings that were left out because they are from the future."""
        return int(self.sum_rejections().filter(ColumnName="", EventType=FUTURE_READING)["AffectedRows"].sum())

    def list_files(self) -> list[ImportedFile]:
        """Return the readings of each file."""
        # A file without a readable row is listed too: the user gave it and looks for it.
        empty = _FileTally()
        tallies = [self.tallies.get(number, empty) for number in range(len(self.source.files))]
        return [
            ImportedFile(name, tally.rows, tally.first, tally.last)
            for name, tally in zip(self.source.files, tallies, strict=True)
        ]
