"""Read settings from a TOML file, the environment, ACM_Config rows and options into nested mappings.

The mappings are not validated here: ``acm_etl.config`` validates each of them, so that an error names its source.
Settings that were renamed are accepted under their old names; one notice per name and process asks to change them.
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from acm_etl import redaction
from acm_etl.errors import ConfigError

log = logging.getLogger(__name__)
ENV_PREFIX = "ACM_"
_RESERVED_ENV = ("ACM_STORE", "ACM_CONFIG", "ACM_TEST_MSSQL")

RENAMED_SETTINGS: Mapping[str, str] = {
    "backfill.group": "backfill.batch_rows",
    "backfill.ahead": "backfill.prefetch",
    "backfill.outage": "backfill.reconnect_timeout",
    "backfill.lateness": "backfill.allowed_lateness",
    "backfill.state_days": "backfill.replay_days",
    "store.side_by_side": "store.parallel_loads",
    "score.lasting_z": "score.sustained_z",
    "score.lasting_rows": "score.sustained_rows",
    "score.recovered_share": "score.recovery_ratio",
}
"""Old names of settings and the names that replace them. Stored signatures and models keep the old names."""

REMOVED_SETTINGS: Mapping[str, str] = {
    "backfill.trip_after": "a lost connection is retried for backfill.reconnect_timeout",
}
"""Settings that are accepted and ignored, and what happens instead."""

_DURATION_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks", "s": "seconds"}


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML settings file.

    Raises:
        ConfigError: The file cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"cannot read the settings file {path}: {error.strerror}"
        raise ConfigError(message) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path} is not valid TOML: {error}"
        raise ConfigError(message) from error


def variable_name(section: str, name: str) -> str:
    """Return the environment variable of a setting: ``ACM_SCORE__ALARM_Z`` of ``score.alarm_z``."""
    # The URL of the store has a short variable of its own, because every container and job sets it.
    return "ACM_STORE" if (section, name) == ("store", "url") else f"{ENV_PREFIX}{section}__{name}".upper()


def read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of environment variables, nested.

    ``ACM_BACKFILL__TICK=1d`` sets ``backfill.tick``; ``ACM_STORE`` sets ``store.url``.
    """
    dotted = {
        name.removeprefix(ENV_PREFIX).lower().replace("__", "."): parse_value(value)
        for name, value in environ.items()
        if name.startswith(ENV_PREFIX) and "__" in name and name not in _RESERVED_ENV
    }
    if environ.get("ACM_STORE"):
        dotted["store.url"] = environ["ACM_STORE"]
    return nest_names(dotted)


def parse_value(text: str) -> object:
    """Parse a value as TOML writes it; text that is not TOML stays text, so that ``1d`` needs no quotes."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def require_at_most(value: timedelta, *, days: int) -> timedelta:
    """Refuse a longer duration.

    Raises:
        ValueError: It is longer than ``days``.
    """
    if value > timedelta(days=days):
        message = f"must be at most {days}d"
        raise ValueError(message)
    return value


def require_whole_minutes(tick: timedelta) -> timedelta:
    """Return a window length that is a whole number of minutes.

    Raises:
        ValueError: It is not, or is outside of one minute to ten years.
    """
    seconds = tick.total_seconds()
    # The boundaries of longer windows may lie outside of the calendar.
    if seconds < 60 or seconds % 60 or tick.days > 3660:
        message = "tick must be a whole number of minutes, from one minute to ten years"
        raise ValueError(message)
    return tick


def parse_duration(value: object) -> object:
    """Parse ``30m``, ``12h``, ``1d`` or ``1w`` into a timedelta; leave any other value to pydantic.

    Raises:
        ValueError: The text is not a number and a unit.
    """
    if not isinstance(value, str) or value.startswith(("P", "-P")):
        return value
    number = value.rstrip("abcdefghijklmnopqrstuvwxyz").strip()
    unit = _DURATION_UNITS.get(value[len(number) :].strip())
    if unit is None:
        message = "the value is not a duration; write a number and a unit, e.g. 30m, 12h, 1d, 1w"
        raise ValueError(message)
    try:
        return timedelta(**{unit: float(number)})
    except OverflowError:
        message = "the duration is too large"
        raise ValueError(message) from None


def nest_names(dotted: Mapping[str, Any]) -> dict[str, Any]:
    """Turn ``{"backfill.tick": "1d"}`` into ``{"backfill": {"tick": "1d"}}``.

    Raises:
        ConfigError: A name lies within another name that has a value of its own.
    """
    nested: dict[str, Any] = {}
    for name, value in dotted.items():
        *parents, leaf = name.split(".")
        section = nested
        for parent in parents:
            section = section.setdefault(parent, {})
            if not isinstance(section, dict):
                message = f"1 bad setting: {name} is within {parent!r}, which is given a value of its own"
                raise ConfigError(message)
        section[leaf] = value
    return nested


def merge_nested(weak: Mapping[str, Any], strong: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``weak`` updated with ``strong``, section by section."""
    merged = dict(weak)
    for key, value in strong.items():
        old = merged.get(key)
        merged[key] = merge_nested(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def apply_current_names(nested: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Replace old names by the current ones and drop settings without effect, with a notice for each.

    Args:
        nested: Settings of one source.
        source: Name of the source, for the notice.

    Returns:
        The settings under their current names. If a source gives both names, the current one counts.
    """
    # Sources are renamed before they are merged: else an old name in a weak source would beside the new name of a
    # strong one survive the merge, and both would reach validation.
    result = {name: dict(value) if isinstance(value, Mapping) else value for name, value in nested.items()}
    for section, values in result.items():
        for key in list(values) if isinstance(values, dict) else ():
            name = f"{section}.{key}"
            if name in RENAMED_SETTINGS:
                values.setdefault(RENAMED_SETTINGS[name].partition(".")[2], values[key])
                del values[key]
                _warn_once(f"{source}: the setting {name} is now named {RENAMED_SETTINGS[name]}; rename it")
            elif name in REMOVED_SETTINGS:
                del values[key]
                _warn_once(f"{source}: the setting {name} has no effect ({REMOVED_SETTINGS[name]}); remove it")
    return result


@cache  # settings are loaded once per machine: the user needs each notice once
def _warn_once(message: str) -> None:
    log.warning("%s", message)


def format_problem(error: Mapping[str, Any]) -> str:
    """Return the name of a setting, what is wrong with its value, and the value unless it may be secret.

    Args:
        error: An entry of ``ValidationError.errors()``.
    """
    name = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        return f"{name}: unknown key (acm-etl config lists the known ones)"
    problem = f"{name}: {error['msg'].removeprefix('Value error, ')}"
    if isinstance(error["input"], Mapping):
        return problem  # a section as a whole; the problem names the setting
    return f"{problem} (got {redaction.format_rejected_value(error['input'])})"
