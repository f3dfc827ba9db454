"""State that all commands share: the global options, access to settings and store, and diagnostics."""

from __future__ import annotations

import dataclasses
import logging
import os
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from acm_etl import logs
from acm_etl.cli import output
from acm_etl.cli.command_blanks import glue_commands, restore_blanks
from acm_etl.redaction import redact_text

# For type checkers only: these modules load polars and pydantic.
if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from acm_etl.config import Config
    from acm_etl.engine import Engine
    from acm_etl.progress import Progress
    from acm_etl.run.context import SettingsSources

log = logging.getLogger(__name__)
OutputFormat = Literal["table", "json", "csv"]

# Read before there are settings, or secrets that must not be in a settings file.
_VARIABLES_WITHOUT_SETTING = {"ACM_STORE", "ACM_CONFIG", "ACM_NOTIFY_URLS", "ACM_TEST_MSSQL"} | {
    f"ACM_MSSQL_{name}" for name in ("USER", "PASSWORD", "PASSWORD_FILE")
}


@dataclass(frozen=True, slots=True)
class CliContext:
    """Global options of one invocation, given before or after the name of the command.

    Attributes:
        store: URL of the store; None for the one in the settings.
        config: Path of the settings file; None for the one in ``ACM_CONFIG``.
        output_format: Format of the result on standard output.
        verbosity: 0 logs warnings, 1 batches, 2 statements and tables.
        log_json: Whether log lines and diagnostics are JSON objects.
    """

    store: str | None = None
    config: str | None = None
    output_format: OutputFormat = "table"
    verbosity: int = 0
    log_json: bool = False

    @property
    def as_json(self) -> bool:
        """Whether standard output carries JSON and nothing else."""
        return self.output_format == "json"

    @property
    def toml_path(self) -> Path | None:
        """Path of the settings file, if there is one."""
        # Not a setting: the file has to be found before there are settings.
        path = self.config or os.environ.get("ACM_CONFIG")
        return Path(path) if path else None

    def override(self, name: str, value: Any) -> CliContext:  # noqa: ANN401 - the value of any global option
        """Return a copy with one global option set; the levels of ``-v`` add up."""
        # -v may stand before and after the command, and each counts.
        if name == "verbosity":
            return replace(self, verbosity=self.verbosity + value)
        return replace(self, **{name: value})

    def collect_options(self, **settings: object) -> dict[str, object]:
        """Return settings given on the command line by dotted name, the URL of the store included.

        Args:
            settings: Values by name, with ``__`` for the dot; those that are None are omitted.
        """
        # None means "not given": a weaker source, such as the environment, decides then.
        options = {"store.url": self.store, **{name.replace("__", "."): value for name, value in settings.items()}}
        return {name: value for name, value in options.items() if value is not None}

    def collect_sources(self, **settings: object) -> SettingsSources:
        """Return the sources of the settings of each machine: options and settings file; see ``collect_options``."""
        from acm_etl.run.context import SettingsSources

        return SettingsSources(options=self.collect_options(**settings), toml_path=self.toml_path)

    def load_settings(self, **settings: object) -> Config:
        """Load the settings of options, environment and settings file."""
        from acm_etl import config

        return config.load_config(self.collect_options(**settings), path=self.toml_path)

    @contextmanager
    def open_store(self, *, create: bool = False, allow_replica: bool = False) -> Iterator[Engine]:
        """Open the store for the duration of a command.

        Args:
            create: Create an embedded store that does not exist.
            allow_replica: The command writes nothing, and may read rows that are seconds old.
        """
        # The engine loads its driver, which commands without a store do not need.
        from acm_etl.io.connect import open_store

        # By default nothing is created: a mistyped path must be an error and not an empty store.
        engine = open_store(self.load_settings().store, create=create, allow_replica=allow_replica)
        try:
            yield engine
        finally:
            engine.close()

    def open_progress(self, *, quiet: bool = False, unit: str = "window") -> AbstractContextManager[Progress]:
        """Open the display of progress: bars or lines on standard error, or log events.

        Args:
            quiet: Show nothing.
            unit: Counted unit.
        """
        from acm_etl.cli.render import progress

        # Bars would break the stream of JSON objects on standard error.
        if self.log_json:
            return nullcontext(logs.LogEventProgress())
        return progress.open_progress(quiet=quiet or self.as_json, unit=unit)

    def emit_json(self, result: object) -> bool:
        """Print a result as JSON if that is the output format; return whether it is."""
        if self.as_json:
            click.echo(output.format_json(result, sys.stdout.encoding or "utf-8"))
        return self.as_json

    def emit_records(self, result: object, records: Sequence[DataclassInstance], record_type: type) -> bool:
        """Print a listing of dataclasses as JSON or CSV if that is the output format; return whether it is.

        The fields are the columns of the CSV file, so that both formats use the same words.

        Args:
            result: Whole result, for JSON.
            records: Rows of the listing.
            record_type: Their class, whose fields are the columns also if there are no rows.
        """
        columns = [field.name for field in dataclasses.fields(record_type)]
        return self.emit_listing(result, [dataclasses.asdict(record) for record in records], columns)

    def emit_listing(self, result: object, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bool:
        """Print a listing as JSON or CSV if that is the output format; return whether it is.

        Args:
            result: Whole result, for JSON.
            rows: Rows of the listing, for CSV.
            columns: Columns of the CSV file, also if there are no rows.
        """
        if self.output_format == "csv":
            # The text ends with a line end; a second one would be read as an empty row.
            click.echo(output.format_csv(rows, columns), nl=False)
            return True
        return self.emit_json(result)


def echo_diagnostic(message: str, *, level: Literal["error", "warning"], **facts: object) -> None:
    """Print one line on standard error, wrapped at blanks on a terminal, or log an event if log lines are JSON.

    Args:
        message: The line.
        level: Prefix of the line, level of the event.
        facts: Further fields of the event.
    """
    ctx = click.get_current_context(silent=True)
    if ctx is not None and isinstance(ctx.obj, CliContext) and ctx.obj.log_json:
        # The global options of a failed command line may not have reached start_logging().
        getattr(log, level)(message, extra=facts)
    else:
        click.echo(_wrap_on_terminal(f"{level}: {redact_text(message)}"), err=True)


def _wrap_on_terminal(line: str) -> str:
    """Return a line as it is for pipes and files, and without broken words for a terminal."""
    if not sys.stderr.isatty():
        return line
    width = shutil.get_terminal_size().columns - 1
    glued = glue_commands(line, width)
    return restore_blanks(
        textwrap.fill(glued, width, replace_whitespace=False, break_long_words=False, break_on_hyphens=False)
    )


def open_in_browser(page: Path) -> None:
    """Open a page in the browser of the user; warn if there is none."""
    # Not click.launch(): without a browser, xdg-open prints a line for each one that it has tried.
    import webbrowser

    if not webbrowser.open(page.resolve().as_uri()):
        echo_diagnostic(f"no browser was found; open {page} on a machine that has one", level="warning")


def start_logging(context: CliContext) -> None:
    """Configure log lines, then warn about environment variables that are not settings."""
    # Logging first, so that the warnings below are JSON objects if that was asked for.
    logs.configure_logging(verbosity=context.verbosity, as_json=context.log_json)
    for name in find_unknown_variables():
        echo_diagnostic(
            f"the environment variable {name} is not a setting and is ignored; acm-etl config lists the settings",
            level="warning",
        )


def find_unknown_variables() -> list[str]:
    """Return environment variables that look like settings but are not, e.g. a misspelt ``ACM_STORE``."""
    # Names with "__" are settings: load_config() checks those and names the source of an unknown one.
    names = (name for name in os.environ if name.startswith("ACM_") and "__" not in name)
    return sorted(name for name in names if name not in _VARIABLES_WITHOUT_SETTING)
