"""Parameter types and options that several commands share."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from acm_etl.cli.context import CliContext
from acm_etl.errors import UsageError

if TYPE_CHECKING:
    from acm_etl.source_spec import SamplingSpec

# Between two times of this range and the ends of the calendar lies room for a window of any length.
_TIME_RANGE = (datetime.fromisoformat("1000-01-01"), datetime.fromisoformat("9999-12-31"))


def build_global_options(*, hidden: bool) -> list[click.Parameter]:
    """Build the options that are accepted before and after the name of a command.

    Args:
        hidden: Leave them out of the help: a command refers to ``acm-etl --help`` instead.
    """
    # Not passed to the command: the callback stores the value in the context, wherever the option stands.
    settings: dict[str, Any] = {"expose_value": False, "callback": _store_global_option, "hidden": hidden}
    return [
        click.Option(
            ["--store"],
            metavar="URL",
            help="URL of the store  [env ACM_STORE; default duckdb:///acm.duckdb].",
            **settings,
        ),
        click.Option(["--config"], metavar="TOML", help="Settings file  [env ACM_CONFIG].", **settings),
        click.Option(
            ["--json", "output_format"],
            flag_value="json",
            help="Print the result as JSON on standard output.",
            **settings,
        ),
        click.Option(
            ["-v", "--verbose", "verbosity"], count=True, help="Verbose (-v per batch, -vv per table).", **settings
        ),
        click.Option(["--log-json"], is_flag=True, help="Log one JSON object per event on standard error.", **settings),
    ]


def _store_global_option(ctx: click.Context, param: click.Parameter, value: object) -> None:
    """Record the value of a global option in the context that the commands read."""
    # An option that is not given must not erase the value that was given in the other place.
    if value and param.name:
        ctx.obj = (ctx.obj or CliContext()).override(param.name, value)


def listing_format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--format table|json|csv`` to a command that lists rows."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(["table", "json", "csv"]),
        expose_value=False,
        callback=_store_global_option,
        help="Format of the result; json is the same as --json.",
    )(command)


class UtcDateTime(click.ParamType[datetime]):
    """ISO 8601 date or time, as naive UTC; without an offset it is read as UTC.

    Times at the ends of the calendar, which people write for "always", become the nearest one of ``_TIME_RANGE``.
    """

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ANN401
        """Parse the text."""
        # click converts a default, and values of an option with several ones, a second time.
        if isinstance(value, datetime):
            return value
        try:
            # Python 3.11 reads all common ISO 8601 forms, the trailing Z included.
            time = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a time; write 2024-05-31 or 2024-05-31T06:30 (UTC)", param, ctx)
        try:
            utc = time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
            return min(max(utc, _TIME_RANGE[0]), _TIME_RANGE[1])
        except OverflowError:
            self.fail(f"{value!r} is outside of the years 1 to 9999 in UTC; write it without an offset", param, ctx)


class FilePath(click.Path):
    """Name of a file or a folder, as a ``Path`` unless stated otherwise.

    Args:
        file_okay: Whether it may name an existing file.
        dir_okay: Whether it may name an existing folder.
        allow_dash: Whether ``-`` is standard input.
        path_type: Type of the value.
    """

    def __init__(
        self, *, file_okay: bool = True, dir_okay: bool = True, allow_dash: bool = False, path_type: type = Path
    ) -> None:
        super().__init__(file_okay=file_okay, dir_okay=dir_okay, allow_dash=allow_dash, path_type=path_type)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Check the name."""
        # An unset variable of a shell; for Python, a path without a name is the current folder with all of its files.
        if value == "":
            self.fail("the name is empty", param, ctx)
        return super().convert(value, param, ctx)


class SecondsRange(click.FloatRange):
    """Number of seconds, at most one day.

    Args:
        minimum: Smallest accepted value.
    """

    def __init__(self, minimum: float) -> None:
        super().__init__(minimum, 86_400)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Parse the text."""
        seconds = super().convert(value, param, ctx)
        # NaN compares false with both bounds, so the range check of click lets it pass.
        if math.isnan(seconds):
            self.fail(f"{value!r} is not a number of seconds", param, ctx)
        return seconds


class GreedyOption(click.Option):
    """Option that takes all words up to the next option: ``--equip A B``."""

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:  # noqa: ANN401 - click's parser is private
        """Add the option to the parser and let it take several words."""
        super().add_to_parser(parser, ctx)
        for name in self.opts:
            option = parser._long_opt.get(name)  # noqa: SLF001 - click has no public option of variable length
            option.process = _take_following_words(option.process)


def _take_following_words(process: Any) -> Any:  # noqa: ANN401 - click's parser is private
    def process_words(value: str, state: Any) -> None:  # noqa: ANN401
        process(value, state)
        # click calls the option once per value: the words behind the first one are values of the same option.
        while state.rargs and not state.rargs[0].startswith("-"):
            process(state.rargs.pop(0), state)

    return process_words


machines_option = click.option(
    "--equip", "codes", cls=GreedyOption, multiple=True, metavar="CODE...", help="Machines  [default: all]."
)


def require_codes_or_all(codes: tuple[str, ...], *, all_machines: bool) -> None:
    """Check that machines are selected in exactly one way.

    Args:
        codes: Machine codes on the command line.
        all_machines: Whether ``--all`` was given.

    Raises:
        UsageError: Machines were named and ``--all`` was given, or neither.
    """
    if bool(codes) == all_machines:
        message = f"use either --equip CODE... or --all{' (not both)' if codes else ''}"
        raise UsageError(message)


def parse_row_filter(text: str) -> tuple[str, str]:
    """Return column and value of ``--where COLUMN=VALUE``, without blanks around them.

    Raises:
        UsageError: The column, the value or the sign is missing.
    """
    # At the first "=", because a value may contain further ones.
    column, equals, value = (part.strip() for part in text.partition("="))
    if not (column and equals and value):
        message = f"--where {text!r} is not COLUMN=VALUE, e.g. --where Asset=P-1"
        raise UsageError(message)
    return column, value


def parse_sampling(every: str | None, **settings: str | None) -> SamplingSpec | None:
    """Return the grid that ``--every`` and its further options describe; None without ``--every``.

    Args:
        every: Distance of the grid times, e.g. ``10m``.
        settings: Values of ``--fill``, ``--hold-max`` and ``--aggregate`` by the name of their parameter.

    Raises:
        UsageError: A value is wrong, or an option has no effect without ``--every``.
    """
    from acm_etl.source_spec import SamplingSpec

    given = {name: value for name, value in settings.items() if value is not None}
    if every is not None:
        return SamplingSpec.parse(every, **given)
    if given:
        options = ", ".join(map(spell_option, given))
        message = f"{options}: name the grid, too, e.g. --every 10m"
        raise UsageError(message)
    return None


def spell_option(parameter: str) -> str:
    """Return an option as users write it: ``--hold-max`` for ``hold_max``."""
    return f"--{parameter.replace('_', '-')}"
