"""Local time to UTC, with a stated policy for times that do not exist or exist twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from zoneinfo import available_timezones

import polars as pl

from acm_etl.errors import UsageError

_EXCLUDED_ZONES = {"localtime", "Factory"}  # listed by some systems; not the same zone anywhere else
_ONE_DAY = pl.duration(days=1)
_SEEN_TIMES_SCHEMA: dict[str, pl.DataType] = {"local": pl.Datetime("ms"), "before": pl.UInt32()}


def check_time_zone(name: str) -> str:
    """Return the name if it is an IANA time zone.

    Raises:
        UsageError: The zone is unknown; the message suggests similar names.
    """
    known = available_timezones() - _EXCLUDED_ZONES
    if name in known:
        return name
    lower = {zone.lower(): zone for zone in known} | {zone.lower().rpartition("/")[2]: zone for zone in known}
    close = get_close_matches(name.lower().replace(" ", "_"), lower, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(dict.fromkeys(lower[c] for c in close))}?" if close else "e.g. Europe/Berlin"
    message = f"unknown time zone {name!r}; write an IANA name, {hint}"
    raise UsageError(message)


@dataclass(slots=True)
class LocalTimeConverter:
    """Turns the local times of one file into UTC, batch by batch in file order.

    A time the spring change skips is shifted forward by the gap. A time the autumn change repeats is its first
    occurrence, unless the file has brought the same local time before: then it is the later one.
    """

    time_zone: str
    seen_times: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_SEEN_TIMES_SCHEMA))

    def convert_to_utc(self, local_times: pl.Series, offsets: pl.Series | None = None) -> pl.DataFrame:
        """UTC of naive local times.

        Args:
            local_times: ``Datetime('ms')`` without a zone.
            offsets: Minutes east of UTC where the stamp says so itself; that overrides the zone.

        Returns:
            ``utc`` and the flags ``skipped`` and ``repeated``, one row per time.
        """
        told = pl.lit(None, pl.Int64) if offsets is None else offsets
        frame = pl.DataFrame({"local": local_times}).with_columns(told.alias("offset"), *self._candidate_times())
        frame = frame.with_columns(
            skipped=pl.col("first").is_null() & pl.col("local").is_not_null() & pl.col("offset").is_null(),
            repeated=(pl.col("first") != pl.col("second")).fill_null(value=False) & pl.col("offset").is_null(),
        )
        if frame["skipped"].any():
            frame = frame.with_columns(
                pl.coalesce("first", pl.when("skipped").then(self._shift_forward())).alias("first")
            )
        if frame["repeated"].any():
            frame = self._resolve_repeated(frame)
        written = pl.col("local") - pl.duration(minutes="offset")
        return frame.select(pl.coalesce(written, "first").alias("utc"), "skipped", "repeated")

    def _candidate_times(self) -> tuple[pl.Expr, pl.Expr]:
        local = pl.col("local").dt
        first = local.replace_time_zone(self.time_zone, ambiguous="earliest", non_existent="null")
        second = local.replace_time_zone(self.time_zone, ambiguous="latest", non_existent="null")
        return _to_naive_utc(first).alias("first"), _to_naive_utc(second).alias("second")

    def _shift_forward(self) -> pl.Expr:
        """A skipped time by the offset that held before the gap, which moves it forward by the gap."""
        before = (pl.col("local") - _ONE_DAY).dt.replace_time_zone(
            self.time_zone, ambiguous="earliest", non_existent="null"
        )
        return _to_naive_utc(before) + _ONE_DAY

    def _resolve_repeated(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Give repeated times that came before their later occurrence, and remember those that came now."""
        nth = pl.int_range(pl.len(), dtype=pl.UInt32).over("local") + pl.col("before").fill_null(0)
        numbered = frame.with_row_index().filter("repeated").select("index", "local", "second")
        again = numbered.join(self.seen_times, on="local", how="left", maintain_order="left").filter(nth > 0)
        now = numbered.group_by("local").agg(pl.len().cast(pl.UInt32).alias("before"))
        self.seen_times = pl.concat([self.seen_times, now]).group_by("local").sum().select("local", pl.col("before"))
        joined = frame.with_row_index().join(again.select("index", later="second"), on="index", how="left")
        return joined.sort("index").with_columns(pl.coalesce("later", "first").alias("first"))


def _to_naive_utc(zoned: pl.Expr) -> pl.Expr:
    return zoned.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
