"""Local time to UTC, with a stated policy for times that do not exist or exist twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches

import polars as pl

from acm_etl.errors import UsageError
from acm_etl.io.files.times.clock_changes import Direction, Passes, advise_fixed_zone
from acm_etl.io.files.times.zone_words import parse_offset
from acm_etl.local_time import list_time_zones

_EXCLUDED_ZONES = {"localtime", "Factory"}  # listed by some systems; not the same zone anywhere else
_ONE_DAY = pl.duration(days=1)


def check_time_zone(name: str) -> str:
    """Return the name if it is an IANA time zone.

    Raises:
        UsageError: The zone is unknown; the message suggests similar names.
    """
    known = list_time_zones() - _EXCLUDED_ZONES
    if name in known:
        return name
    offset = parse_offset(name)
    if offset is not None:
        # A zone is stored with the machine, and databases know zones by name only.
        message = f"--timezone takes names of zones, not the offset {name!r}; {advise_fixed_zone(offset)}"
        raise UsageError(message)
    lower = {zone.lower(): zone for zone in known} | {zone.lower().rpartition("/")[2]: zone for zone in known}
    # Looked up with and without the continent: people write "berlin" as often as "europe/berlin".
    close = get_close_matches(name.lower().replace(" ", "_"), lower, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(dict.fromkeys(lower[c] for c in close))}?" if close else "e.g. Europe/Berlin"
    message = f"unknown time zone {name!r}; write an IANA name, {hint}"
    raise UsageError(message)


@dataclass(slots=True)
class LocalTimeConverter:
    """Converts the local times of one file to UTC, chunk by chunk in file order.

    A time that the spring change skips is moved forward by the gap. Of a time that the autumn change repeats, the
    converter takes the first or the second pass by the facts of the file (`FileClock`):

    - a file that runs forwards is in the second pass once its clock stepped back inside the hour, or stood still;
    - in a file that runs backwards the second pass comes first;
    - where rows are in no order, the earlier time is taken.

    Attributes:
        time_zone: IANA zone.
        direction: Direction of the file.
        passes: Local day of a repeated hour, and the passes that the file holds; both where a day is missing.
    """

    time_zone: str
    direction: Direction = "ascending"
    passes: Mapping[date, Passes] = field(default_factory=dict)
    _last_rows: pl.DataFrame | None = None

    def convert_to_utc(
        self, local_times: pl.Series, offsets: pl.Series | None = None, keys: pl.Series | None = None
    ) -> pl.DataFrame:
        """Convert naive local times.

        Args:
            local_times: ``Datetime('ms')`` without a zone.
            offsets: Minutes east of UTC where the time stamp has an offset; it overrides the zone.
            keys: The tag of each row in long files, where every tag runs through the repeated hour on its own.

        Returns:
            ``utc`` and the flags ``skipped`` and ``repeated``, one row per time.
        """
        written = pl.lit(None, pl.Int64) if offsets is None else offsets
        key = pl.lit(0) if keys is None else keys
        frame = pl.DataFrame({"local": local_times}).with_columns(
            written.alias("offset"), key.alias("key"), *self._candidate_times()
        )
        frame = frame.with_columns(
            skipped=pl.col("first").is_null() & pl.col("local").is_not_null() & pl.col("offset").is_null(),
            repeated=(pl.col("first") != pl.col("second")).fill_null(value=False) & pl.col("offset").is_null(),
        )
        # Nearly all chunks have neither kind and skip both steps.
        if frame["skipped"].any():
            frame = frame.with_columns(
                pl.coalesce("first", pl.when("skipped").then(self._shift_forward())).alias("first")
            )
        if frame["repeated"].any():
            frame = self._resolve_repeated(frame)
        utc = pl.col("local") - pl.duration(minutes="offset")
        return frame.select(pl.coalesce(utc, "first").alias("utc"), "skipped", "repeated")

    def _candidate_times(self) -> tuple[pl.Expr, pl.Expr]:
        local = pl.col("local").dt
        first = local.replace_time_zone(self.time_zone, ambiguous="earliest", non_existent="null")
        second = local.replace_time_zone(self.time_zone, ambiguous="latest", non_existent="null")
        return _to_naive_utc(first).alias("first"), _to_naive_utc(second).alias("second")

    def _shift_forward(self) -> pl.Expr:
        """Return skipped times by the offset before the gap, which moves them forward by its length."""
        # The day before has the offset of before the gap: no zone changes its clock on two days in a row.
        before = (pl.col("local") - _ONE_DAY).dt.replace_time_zone(
            self.time_zone, ambiguous="earliest", non_existent="null"
        )
        return _to_naive_utc(before) + _ONE_DAY

    def _resolve_repeated(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Replace the first pass by the second one in rows of the second pass."""
        # Few rows: two hours of a year, so the sequence of steps costs next to nothing.
        rows = self._number_visits(frame.with_row_index())
        local, previous = pl.col("local"), pl.col("local").shift().over("key", "day")
        # The hour repeats where the clock steps against the direction of the file, or stands still (hourly readings).
        contrary = local < previous if self.direction == "ascending" else local > previous
        rows = rows.with_columns(
            pl.coalesce("passed", contrary.fill_null(value=False))
            .cum_max()
            .over("key", "day", "visit")
            .alias("passed"),
            still=(local == previous).fill_null(value=False),
        )
        self._last_rows = (
            rows.group_by("key", "day", maintain_order=True).last().select("key", "day", "local", "passed")
        )
        is_second_read = pl.col("passed") | pl.col("still")
        both = {"ascending": is_second_read, "descending": ~is_second_read}.get(self.direction, pl.lit(value=False))
        passes = pl.col("day").replace_strict(dict(self.passes), default="both", return_dtype=pl.String)
        is_later = pl.when(passes == "both").then(both).otherwise(passes == "second")
        # Rows without an index are those of the chunk before, which only tell where this chunk goes on.
        later = rows.with_columns(later=is_later).drop_nulls("index").filter("later").select("index", "second")
        joined = frame.with_row_index().join(later, on="index", how="left", suffix=":later", maintain_order="left")
        return joined.with_columns(pl.coalesce("second:later", "first").alias("first"))

    def _number_visits(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return repeated rows with the number of their visit, behind the last row of earlier chunks.

        A file that was put together from exports can come to the same hour again. Rows that enter it from the outside
        begin a new visit, in its first pass (in its second pass where the file runs backwards).
        """
        before, was_repeated = (pl.col(name).shift().over("key") for name in ("local", "repeated"))
        from_outside = before < pl.col("local") if self.direction == "ascending" else before > pl.col("local")
        rows = (
            frame.with_columns(entered=(~was_repeated & from_outside).fill_null(value=False))
            .filter("repeated")
            .select(
                "index", "key", "local", "second", "entered",
                pl.col("local").dt.date().alias("day"), pl.lit(None, pl.Boolean).alias("passed"),
            )
        )  # fmt: skip
        if self._last_rows is not None:
            rows = pl.concat([self._last_rows, rows], how="diagonal")
        # The last row of earlier chunks continues visit 0: a chunk may end anywhere inside the hour.
        visit = pl.col("entered").fill_null(value=False).cum_sum().over("key", "day")
        return rows.with_columns(visit.alias("visit"))


def _to_naive_utc(zoned: pl.Expr) -> pl.Expr:
    return zoned.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
