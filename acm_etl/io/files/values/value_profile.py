"""Pass 1 over one tag column: what its cells are, counted chunk by chunk in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from acm_etl.io.files.values.number_summary import NumberSummary
from acm_etl.io.files.values.number_text import (
    COMMA_GROUP_PATTERN,
    POINT_GROUP_PATTERN,
    Notation,
    normalise_cells,
    read_cells,
)
from acm_etl.io.files.values.row_trend import RowTrend
from acm_etl.io.files.values.states import means_no_value

_MAX_TEXTS = 200
_MAX_TEXT_LENGTH = 60
_WORD_CHECKS = 100  # texts at each end of a chunk that are looked at for a state
_POINT_CHECKS = 4_096  # cells of a chunk that are looked at for a decimal point


@dataclass(slots=True)
class ValueProfile:
    """Counts of one column.

    Attributes:
        name: Name of the column.
        row_count: Rows, empty cells included.
        cell_count: Cells that are not empty.
        notations: Cells per ``Notation``; of columns in which every cell is a plain float, an estimate.
        units: Cells per text behind the number.
        thousands: Cells that prove a thousands mark, per mark.
        texts: Cells per text that is not a number; at most 200 texts of at most 60 characters.
        other_text_count: Cells with a text beyond these 200.
        clear: Numbers with one reading.
        comma_groups: Numbers such as ``1,234``, read as decimals.
        point_groups: Numbers such as ``1.234``, read as decimals.
        nan_count: Cells that are NaN.
        infinite_count: Cells that are infinite.
        is_boolean: True when the file stores the column as Boolean.
        foreign_type: Type of a column that holds neither numbers nor text (dates, lists); empty otherwise.
        trend: Steps between successive numbers.
        first_cell: First cell with a number, as text.
        last_cell: Last cell with a number, as text.
        first_word: First text that may be a digital state.
        last_word: Last text that may be a digital state.
    """

    name: str
    row_count: int = 0
    cell_count: int = 0
    notations: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    thousands: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    other_text_count: int = 0
    clear: NumberSummary = field(default_factory=NumberSummary)
    comma_groups: NumberSummary = field(default_factory=NumberSummary)
    point_groups: NumberSummary = field(default_factory=NumberSummary)
    nan_count: int = 0
    infinite_count: int = 0
    is_boolean: bool = False
    foreign_type: str = ""
    trend: RowTrend = field(default_factory=RowTrend)
    first_cell: str | None = None
    last_cell: str | None = None
    first_word: str | None = None
    last_word: str | None = None

    @property
    def first_value(self) -> str | None:
        """First number, or first word of a column without numbers, as the file writes it."""
        return self.first_cell if self.first_cell is not None else self.first_word

    @property
    def last_value(self) -> str | None:
        """Last number, or last word of a column without numbers, as the file writes it."""
        return self.last_cell if self.last_cell is not None else self.last_word

    @property
    def number_count(self) -> int:
        """Cells that hold a finite number."""
        return self.clear.count + self.comma_groups.count + self.point_groups.count

    def add_values(self, series: pl.Series) -> None:
        """Take in the next cells of the column.

        Args:
            series: String cells as the file has them, or a typed column.
        """
        self.row_count += len(series)
        self.cell_count += len(series) - series.null_count()
        # pandas writes repeated states as categories.
        if series.dtype in (pl.Categorical, pl.Enum):
            series = series.cast(pl.String)
        if series.dtype == pl.String:
            self._add_texts(series)
        elif series.dtype.is_numeric() or series.dtype in (pl.Boolean, pl.Null):
            self.is_boolean = self.is_boolean or series.dtype == pl.Boolean
            numbers = series.cast(pl.Float64)
            self._add_clear(numbers)
            self._add_rows(series, numbers)
        else:
            # Dates, lists and structs are not measurements: only the type is kept, for the reason of leaving the column
            # out.
            self.foreign_type = str(series.dtype)

    def merge(self, other: ValueProfile) -> ValueProfile:
        """Return the profile of this column over two files, of which ``other`` is the later one."""
        merged = ValueProfile(
            self.name,
            self.row_count + other.row_count,
            self.cell_count + other.cell_count,
            self.notations + other.notations,
            self.units + other.units,
            self.thousands + other.thousands,
            Counter(self.texts),
            self.other_text_count + other.other_text_count,
            self.clear.merge(other.clear),
            self.comma_groups.merge(other.comma_groups),
            self.point_groups.merge(other.point_groups),
            self.nan_count + other.nan_count,
            self.infinite_count + other.infinite_count,
            self.is_boolean or other.is_boolean,
            self.foreign_type or other.foreign_type,
            self.trend.merge(other.trend),
            self.first_cell if self.first_cell is not None else other.first_cell,
            other.last_cell if other.last_cell is not None else self.last_cell,
            self.first_word or other.first_word,
            other.last_word or self.last_word,
        )
        # The limit of 200 texts holds for the merged table too: two full tables would make 400.
        merged._count_texts(other.texts.items())
        return merged

    def _add_texts(self, series: pl.Series) -> None:
        # A cast costs 15 ns per cell, reading one by one 300: only cells that no cast understands are read that way.
        by_comma = bool(self.notations[Notation.COMMA_DECIMAL])
        numbers = values = cast_decimal_commas(series) if by_comma else series.cast(pl.Float64, strict=False)
        if numbers.null_count() > series.null_count():
            is_residual = numbers.is_null() & series.is_not_null()
            residual = read_distinct_cells(series.filter(is_residual))
            self._count_cells(residual)
            values = numbers.clone().scatter(is_residual.arg_true(), residual["value"])
        self._add_clear(self._set_groups_apart(series, numbers, by_comma=by_comma))
        self._add_rows(series, values)

    def _set_groups_apart(self, series: pl.Series, numbers: pl.Series, *, by_comma: bool) -> pl.Series:
        """Return the numbers without those that may have thousands, ``1,234`` or ``1.234``, which are counted."""
        groups = self._find_comma_groups(series, numbers) if by_comma else self._find_point_groups(series, numbers)
        if groups is None:
            return numbers
        summary = self.comma_groups if by_comma else self.point_groups
        summary.add(numbers.filter(groups))
        self.notations[Notation.COMMA_GROUP if by_comma else Notation.POINT_GROUP] += int(groups.sum())
        return numbers.filter(~groups)

    def _find_comma_groups(self, series: pl.Series, numbers: pl.Series) -> pl.Series | None:
        """Return the mask of cells such as ``1,234``, or None when the chunk has none; other commas are counted."""
        is_number = numbers.is_not_null()
        groups = (series.str.contains(COMMA_GROUP_PATTERN) & is_number).fill_null(value=False)
        has_comma = series.str.contains(",", literal=True) & is_number
        self.notations[Notation.COMMA_DECIMAL] += int(has_comma.sum()) - int(groups.sum())
        return groups if groups.any() else None

    def _find_point_groups(self, series: pl.Series, numbers: pl.Series) -> pl.Series | None:
        """Return the mask of cells such as ``1.234``, or None when every cell of the chunk has one reading."""
        has_commas = any(self.notations[n] for n in (Notation.COMMA_DECIMAL, Notation.POINT_THOUSANDS))
        if self.notations[Notation.POINT_DECIMAL] and not has_commas:
            # One proof is enough: from here on a clean column costs the cast alone.
            return None
        # Half the cost of a search for points: an integer has none.
        is_pointed = (series.cast(pl.Int64, strict=False).is_null() & numbers.is_finite()).fill_null(value=False)
        if not is_pointed.any():
            return None
        if has_commas:
            # Both marks occur in the column, so their counts decide and must be exact.
            groups = series.str.contains(POINT_GROUP_PATTERN) & is_pointed
            self.notations[Notation.POINT_DECIMAL] += int((is_pointed & ~groups).sum())
            return groups
        if _proves_decimal_point(series.filter(is_pointed)):
            self.notations[Notation.POINT_DECIMAL] += int(is_pointed.sum())
            return None
        # No cell that was looked at has other than three digits behind the point, so all are taken for groups.
        return is_pointed

    def _add_clear(self, numbers: pl.Series) -> None:
        numbers = numbers.drop_nulls() if numbers.null_count() else numbers
        finite = numbers.is_finite()
        if not finite.all():
            self.nan_count += int(numbers.is_nan().sum())
            self.infinite_count += int(numbers.is_infinite().sum())
            numbers = numbers.filter(finite)
        self.clear.add(numbers)

    def _add_rows(self, cells: pl.Series, values: pl.Series) -> None:
        """Take in what depends on the order of the rows."""
        # Filters copy the chunk; a chunk without a lost cell needs none.
        if values.null_count():
            is_number = values.is_not_null()
            cells, values = cells.filter(is_number), values.filter(is_number)
        if len(values):
            self.first_cell = str(cells[0]) if self.first_cell is None else self.first_cell
            self.last_cell = str(cells[-1])
        if self.trend.is_tracked:
            self.trend.add(values.filter(values.is_finite()))

    def _count_cells(self, cells: pl.DataFrame) -> None:
        """Take in cells that were read one by one, see ``read_distinct_cells``."""
        numbers = cells.filter(pl.col("value").is_not_null())
        for counter, column in ((self.notations, "notation"), (self.units, "unit"), (self.thousands, "thousands")):
            counter.update(dict(numbers[column].drop_nulls().value_counts().iter_rows()))
        is_comma, is_point = (numbers["notation"] == n for n in (Notation.COMMA_GROUP, Notation.POINT_GROUP))
        self.comma_groups.add(numbers["value"].filter(is_comma))
        self.point_groups.add(numbers["value"].filter(is_point))
        self.clear.add(numbers["value"].filter(~(is_comma | is_point)))
        texts = cells.filter(pl.col("value").is_null() & (pl.col("text") != ""))["text"]
        self._count_texts(texts.value_counts(sort=True).iter_rows())
        self.first_word = self.first_word or _find_word(texts.head(_WORD_CHECKS))
        self.last_word = _find_word(texts.tail(_WORD_CHECKS).reverse()) or self.last_word
        # A cell of blanks only is an empty cell.
        self.cell_count -= int((cells["text"] == "").sum())

    def _count_texts(self, counts: Iterable[tuple[str, int]]) -> None:
        for text, count in counts:
            # A file may hold pages of text in a cell, and a million different ones in a column.
            key = text[:_MAX_TEXT_LENGTH]
            if key in self.texts or len(self.texts) < _MAX_TEXTS:
                self.texts[key] += count
            else:
                self.other_text_count += count


def rank_texts(counts: Mapping[str, int]) -> tuple[str, ...]:
    """Return the texts by falling count, in alphabetical order where counts are equal."""
    return tuple(sorted(counts, key=lambda text: (-counts[text], text)))


def read_distinct_cells(series: pl.Series) -> pl.DataFrame:
    """Read text cells, each distinct text once: a state such as "Bad" may fill half a column.

    Args:
        series: String cells without nulls.

    Returns:
        One row per cell, in order: the columns of ``read_cells`` and ``text``, the cell without outer blanks.
    """
    distinct = series.unique().alias("cell")
    cells = read_cells(distinct).with_columns(distinct, normalise_cells(distinct).alias("text"))
    return series.alias("cell").to_frame().join(cells, on="cell", how="left", maintain_order="left").drop("cell")


def cast_decimal_commas(series: pl.Series) -> pl.Series:
    """Return cells with a decimal comma as floats; cells with a point, which may mark thousands, become null.

    Args:
        series: String cells.

    Returns:
        Float64 numbers of the same length.
    """
    # Only the first comma is replaced: with two commas the cast fails, as it should for 1,234,567.
    numbers = series.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    has_point = series.str.contains(".", literal=True)
    return pl.select(pl.when(~has_point).then(numbers)).to_series() if has_point.any() else numbers


def _find_word(texts: pl.Series) -> str | None:
    """Return the first text that does not mean a missing value."""
    return next((text for text in texts.to_list() if not means_no_value(text)), None)


def _proves_decimal_point(cells: pl.Series) -> bool:
    """Tell whether a number has other than three digits behind its point, or more than three before it."""
    # Rounded up: at most _POINT_CHECKS cells, taken from all over the chunk.
    checked = cells.gather_every(-(-len(cells) // _POINT_CHECKS))
    return bool((checked.str.contains(".", literal=True) & ~checked.str.contains(POINT_GROUP_PATTERN)).any())
