"""Local time to UTC, with a stated policy for times that do not exist or exist twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from zoneinfo import available_timezones

import polars as pl

from acm_etl.errors import UsageError

_NO_ZONES = {"localtime", "Factory"}  # listed by some systems; not the same zone anywhere else
_DAY = pl.duration(days=1)
_SEEN: dict[str, pl.DataType] = {"local": pl.Datetime("ms"), "before": pl.UInt32()}


def check_zone(name: str) -> str:
    """The name, if it is an IANA time zone.

    Raises:
        UsageError: It is not; similar names are suggested.
    """
    known = available_timezones() - _NO_ZONES
    if name in known:
        return name
    lower = {zone.lower(): zone for zone in known} | {zone.lower().rpartition("/")[2]: zone for zone in known}
    close = get_close_matches(name.lower().replace(" ", "_"), lower, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(dict.fromkeys(lower[c] for c in close))}?" if close else "e.g. Europe/Berlin"
    message = f"unknown time zone {name!r}; write an IANA name, {hint}"
    raise UsageError(message)


@dataclass(slots=True)
class LocalClock:
    """Turns the local times of one file into UTC, batch by batch in file order.

    A time the spring change skips is shifted forward by the gap. A time the autumn change repeats is its first
    occurrence, unless the file has brought the same local time before: then it is the later one.
    """

    zone: str
    seen: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_SEEN))

    def utc(self, local: pl.Series, offset: pl.Series | None = None) -> pl.DataFrame:
        """UTC of naive local times.

        Args:
            local: ``Datetime('ms')`` without a zone.
            offset: Minutes east of UTC where the stamp says so itself; that overrides the zone.

        Returns:
            ``utc`` and the flags ``skipped`` and ``repeated``, one row per time.
        """
        told = pl.lit(None, pl.Int64) if offset is None else offset
        frame = pl.DataFrame({"local": local}).with_columns(told.alias("offset"), *self._candidates())
        frame = frame.with_columns(
            skipped=pl.col("first").is_null() & pl.col("local").is_not_null() & pl.col("offset").is_null(),
            repeated=(pl.col("first") != pl.col("second")).fill_null(value=False) & pl.col("offset").is_null(),
        )
        if frame["skipped"].any():
            frame = frame.with_columns(pl.coalesce("first", pl.when("skipped").then(self._shifted())).alias("first"))
        if frame["repeated"].any():
            frame = self._second_time(frame)
        written = pl.col("local") - pl.duration(minutes="offset")
        return frame.select(pl.coalesce(written, "first").alias("utc"), "skipped", "repeated")

    def _candidates(self) -> tuple[pl.Expr, pl.Expr]:
        local = pl.col("local").dt
        first = local.replace_time_zone(self.zone, ambiguous="earliest", non_existent="null")
        second = local.replace_time_zone(self.zone, ambiguous="latest", non_existent="null")
        return _naive(first).alias("first"), _naive(second).alias("second")

    def _shifted(self) -> pl.Expr:
        """A skipped time by the offset that held before the gap, which moves it forward by the gap."""
        before = (pl.col("local") - _DAY).dt.replace_time_zone(self.zone, ambiguous="earliest", non_existent="null")
        return _naive(before) + _DAY

    def _second_time(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Give repeated times that came before their later occurrence, and remember those that came now."""
        nth = pl.int_range(pl.len(), dtype=pl.UInt32).over("local") + pl.col("before").fill_null(0)
        numbered = frame.with_row_index().filter("repeated").select("index", "local", "second")
        again = numbered.join(self.seen, on="local", how="left", maintain_order="left").filter(nth > 0)
        now = numbered.group_by("local").agg(pl.len().cast(pl.UInt32).alias("before"))
        self.seen = pl.concat([self.seen, now]).group_by("local").sum().select("local", pl.col("before"))
        joined = frame.with_row_index().join(again.select("index", later="second"), on="index", how="left")
        return joined.sort("index").with_columns(pl.coalesce("later", "first").alias("first"))


def _naive(zoned: pl.Expr) -> pl.Expr:
    return zoned.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
