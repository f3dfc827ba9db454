"""Tables that fit the width of the terminal: columns are dropped by priority, words are never broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPE_WIDTH = 150
"""Width of tables where the output is no terminal: a pipe has no width, and programs read whole lines."""
_COLUMN_FRAME = 3  # a separator and one space on either side
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
    """

    title: str
    cells: Sequence[Text]
    priority: int = 0
    is_numeric: bool = False
    is_wrapped: bool = False

    @property
    def width(self) -> int:
        """Width that the column needs."""
        width = max((cell.cell_len for cell in self.cells), default=0)
        # A wrapped column still needs room for most of its words.
        return max(min(width, _MIN_WRAPPED_WIDTH) if self.is_wrapped else width, len(self.title))


def make_console() -> Console:
    """Return a console for standard output; wide if that is no terminal."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPE_WIDTH)


def select_columns(columns: Sequence[FittedColumn], width: int) -> list[FittedColumn]:
    """Return the columns that fit into ``width``; at least those of priority 0."""
    selected = list(columns)
    while _measure(selected) > width:
        droppable = [column for column in selected if column.priority > 0]
        if not droppable:
            break  # the table shortens the remaining cells with an ellipsis
        selected.remove(max(droppable, key=lambda column: column.priority))
    return selected


def build_fitted_table(title: str, columns: Sequence[FittedColumn], width: int) -> Table:
    """Return a table of the columns that fit into ``width``."""
    selected = select_columns(columns, width)
    table = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold")
    for column in selected:
        table.add_column(
            column.title,
            justify="right" if column.is_numeric else "left",
            no_wrap=not column.is_wrapped,
            overflow="ellipsis",
        )
    for row in zip(*(column.cells for column in selected), strict=True):
        table.add_row(*row)
    return table


def print_paragraph(console: Console, text: Text, *, indent: int = 0) -> None:
    """Print a text: wrapped at spaces on a terminal, in one line elsewhere, so that it can be searched."""
    if not console.is_terminal:
        console.print(Text(" " * indent).append_text(text), soft_wrap=True)
        return
    for line in text.wrap(console, console.width - indent, overflow="fold"):
        console.print(Text(" " * indent).append_text(line), soft_wrap=True)


def _measure(columns: Sequence[FittedColumn]) -> int:
    return sum(column.width + _COLUMN_FRAME for column in columns) + 1
