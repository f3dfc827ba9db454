"""What the commands share: the global options, and types of their own."""

from __future__ import annotations

import json
import logging
import math
import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from acm_etl.errors import UsageError

if TYPE_CHECKING:
    from acm_etl.config import Config
    from acm_etl.engine import Engine
    from acm_etl.progress import Progress

log = logging.getLogger(__name__)

_KNOWN_ENV_VARS = {"ACM_STORE", "ACM_CONFIG", "ACM_TEST_MSSQL"} | {
    f"ACM_MSSQL_{name}" for name in ("USER", "PASSWORD", "PASSWORD_FILE")
}


@dataclass(frozen=True, slots=True)
class CliContext:
    """The global options of one invocation."""

    store: str | None
    path: str | None
    as_json: bool
    log_json: bool = False

    def collect_options(self, **named: object) -> dict[str, object]:
        """Dotted option names and values, the store's URL among them; unset ones are left out."""
        given = {"store.url": self.store, **{name.replace("__", "."): value for name, value in named.items()}}
        return {name: value for name, value in given.items() if value is not None}

    def load_settings(self, **named: object) -> Config:
        """Settings from options, environment and file."""
        from acm_etl import config

        return config.load_config(self.collect_options(**named), path=self.toml_path)

    @property
    def toml_path(self) -> Path | None:
        """The settings file."""
        return Path(self.path) if self.path else None

    def connect_store(self, *, create: bool = True) -> Engine:
        """Open the store that the options name; ``create`` an embedded one that is not there."""
        from acm_etl.io.connect import open_store

        return open_store(self.load_settings().store, create=create)

    def open_progress(self, *, quiet: bool = False, unit: str = "windows") -> AbstractContextManager[Progress]:
        """Where the steps of the work are told: a display, or log events; nowhere where only a result is wanted."""
        from acm_etl import logs
        from acm_etl.cli.render import tables

        if self.log_json:
            return nullcontext(logs.EventProgress())
        return tables.open_progress(quiet=quiet or self.as_json, unit=unit)

    def emit_json(self, result: dict[str, Any]) -> bool:
        """Print ``result`` as JSON if the user asked for it; whether that was done."""
        if self.as_json:
            click.echo(json.dumps(result, default=_to_json_value, indent=2))
        return self.as_json


def echo_diagnostic(message: str, *, level: Literal["error", "warning"], **facts: object) -> None:
    """A line on standard error; a log event where those are JSON."""
    ctx = click.get_current_context(silent=True)
    if ctx is not None and isinstance(ctx.obj, CliContext) and ctx.obj.log_json:
        getattr(log, level)(message, extra=facts)
    else:
        click.echo(f"{level}: {message}", err=True)


def unknown_env_vars() -> list[str]:
    """Variables that look like settings and are none: a misspelt ``ACM_STORE`` must not go unnoticed."""
    return sorted(n for n in os.environ if n.startswith("ACM_") and "__" not in n and n not in _KNOWN_ENV_VARS)


def _to_json_value(value: object) -> object:
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else str(value)


class UtcDateTime(click.ParamType[datetime]):
    """An ISO date or time; without an offset it is UTC. Becomes a naive UTC datetime."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ANN401
        """Parse the text."""
        if isinstance(value, datetime):
            return value
        try:
            time = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a time; write 2024-05-31 or 2024-05-31T06:30 (UTC)", param, ctx)
        try:
            return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
        except OverflowError:
            self.fail(f"{value!r} is outside of the years 1 to 9999 in UTC; write it without an offset", param, ctx)


class SecondsRange(click.FloatRange):
    """Seconds to wait, at most a day; NaN, which lies beyond no bound, is refused too."""

    def __init__(self, minimum: float) -> None:
        super().__init__(minimum, 86_400)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Parse the text."""
        seconds = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(f"{value!r} is no number of seconds", param, ctx)
        return seconds


def require_codes_or_all(codes: tuple[str, ...], *, all_: bool, usage: str = "--equip CODE [CODE ...]") -> None:
    """Make sure that machines were named, or all were asked for.

    Raises:
        UsageError: Neither or both.
    """
    if bool(codes) == all_:
        message = f"name the machines with {usage}, or take --all (not both)"
        raise UsageError(message)
