"""Tables that fit the width of the terminal: columns are dropped by priority, words are never broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from acm_etl.cli.render.console import format_cell, make_console

_COLUMN_FRAME = 3  # a separator and one space on either side
# Two or three words per line; below that a wrapped cell is a column of single words.
_MIN_WRAPPED_WIDTH = 24


@dataclass(frozen=True, slots=True)
class FittedColumn:
    """Column of a fitted table.

    Attributes:
        title: Heading.
        cells: One cell per row.
        priority: Columns with the highest number are dropped first; those with 0 always stay.
        is_numeric: Whether the column is aligned to the right.
        is_wrapped: Whether long cells continue on further lines, at spaces.
        is_folded: Whether cells that are too long continue on further lines, between any two characters.
    """

    title: str
    cells: Sequence[Text]
    priority: int = 0
    is_numeric: bool = False
    is_wrapped: bool = False
    is_folded: bool = False

    @property
    def may_break(self) -> bool:
        """Whether a cell may take several lines."""
        return self.is_wrapped or self.is_folded

    @property
    def width(self) -> int:
        """Width that the column needs."""
        width = max((cell.cell_len for cell in self.cells), default=0)
        # A wrapped column still needs room for most of its words.
        return max(min(width, _MIN_WRAPPED_WIDTH) if self.may_break else width, len(self.title))


def print_rows(
    title: str, columns: Mapping[str, int], rows: Sequence[Sequence[object]], *, numeric: Sequence[str] = ()
) -> None:
    """Print rows of plain values as a fitted table.

    Args:
        title: Heading; empty for none.
        columns: Priority by heading; narrow terminals drop the columns with the highest number, and keep those with 0.
        rows: One value per column.
        numeric: Headings of the columns that are aligned to the right.
    """
    fitted = [
        FittedColumn(heading, [Text(format_cell(row[index])) for row in rows], priority, is_numeric=heading in numeric)
        for index, (heading, priority) in enumerate(columns.items())
    ]
    # Text objects, not markup: a tag name such as "[bold]" must appear as it is.
    print_columns(title, fitted)


def print_columns(title: str, columns: Sequence[FittedColumn]) -> None:
    """Print columns as a table that fits the terminal; the title may be empty."""
    console = make_console()
    console.print(build_fitted_table(title, columns, console.width))


def select_columns(columns: Sequence[FittedColumn], width: int) -> list[FittedColumn]:
    """Return the columns that fit into ``width``; at least those of priority 0."""
    # Whole columns go rather than characters: half a number is worse than none.
    selected = list(columns)
    while _measure_width(selected) > width:
        droppable = [column for column in selected if column.priority > 0]
        if not droppable:
            break  # the table shortens the remaining cells with an ellipsis
        # One column at a time: the next one may fit after a wide one is gone.
        selected.remove(max(droppable, key=lambda column: column.priority))
    return selected


def build_fitted_table(title: str, columns: Sequence[FittedColumn], width: int) -> Table:
    """Return a table of the columns that fit into ``width``."""
    selected = select_columns(columns, width)
    # Where all cells fit, their widths are known; rich would measure each again, which takes a fifth of its time.
    has_room = _measure_width(selected) <= width
    table = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold")
    for column in selected:
        table.add_column(
            column.title,
            justify="right" if column.is_numeric else "left",
            # Numbers and codes are never broken over two lines, so that they can be searched and copied.
            no_wrap=not column.may_break,
            overflow="fold" if column.is_folded else "ellipsis",
            width=column.width if has_room and not column.may_break else None,
        )
    for row in zip(*(column.cells for column in selected), strict=True):
        table.add_row(*row)
    return table


def _measure_width(columns: Sequence[FittedColumn]) -> int:
    # One more separator than columns.
    return sum(column.width + _COLUMN_FRAME for column in columns) + 1
