"""Settings and stores as people read them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import takewhile
from typing import Any

from acm_etl.config import Config

PUBLIC_URL_OPTIONS = (
    *("encrypt", "trust", "certificate", "hostname", "failover", "intent", "packet", "authentication", "trusted"),
    "password_file",
)
"""Words of a store's URL whose values anybody may read."""


def redact_url(url: str) -> str:
    """A store's URL without its secrets, for every message and report; any other text as it is."""
    place, mark, query = url.partition("?")
    login = re.search(r"(?:://|^)[^:/?#]*:(?!//)", place)
    if login and "@" in query:
        # an @ behind the ?: the ? may be a letter of the password, so nothing from there on is told
        return f"{url[: login.end()]}***"
    hidden = re.sub(r"((?:://|^)[^:/?#]*):(?!//).*@", r"\1:***@", place)
    return re.sub(r"(?i)(odbc_connect=).*", r"\1***", hidden) + mark + _redact_query(query)


def _redact_query(query: str) -> str:
    """What a URL says behind its ?, up to the value of the first word that may be, or hold a part of, a secret."""
    words = re.split(r"(?<=[&;])", query)
    said = list(takewhile(lambda word: word.partition("=")[0] in PUBLIC_URL_OPTIONS, words))
    rest = "".join(words[len(said) :])
    name, mark, _ = rest.partition("=")
    return "".join(said) + (f"{name}=***" if mark else "***" if rest else "")


def diff_settings(stored: str, requested: str) -> list[str]:
    """Settings in which two ``signed`` texts differ, e.g. ``score.alarm_z 3.09, now asked for 4.0``."""
    old, new = (dict(_flatten_settings(json.loads(text))) for text in (stored, requested))
    names = [*new, *(name for name in old if name not in new)]
    return [
        f"{name} {old.get(name)}, now asked for {new.get(name)}" for name in names if old.get(name) != new.get(name)
    ]


def _flatten_settings(nested: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in nested.items():
        if isinstance(value, Mapping):
            yield from _flatten_settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def format_setting(value: object) -> str:
    """A value as a person would write it into the settings."""
    if isinstance(value, float):
        return f"{value:.12g}"
    if not isinstance(value, timedelta):
        return redact_url(str(value))
    seconds = value.total_seconds()
    units = ((86400, "d"), (3600, "h"), (60, "m")) if seconds else ()
    size, unit = next(((n, u) for n, u in units if seconds % n == 0), (1, "s"))
    return f"{seconds / size:g}{unit}"


def describe_settings(config: Config) -> list[dict[str, str]]:
    """Every setting: dotted name, value in force, default, meaning, and the environment variable that sets it."""
    rows = []
    for section, part in config:
        for name, field in type(part).model_fields.items():
            variable = "ACM_STORE" if (section, name) == ("store", "url") else f"ACM_{section}__{name}".upper()
            rows.append(
                {
                    "name": f"{section}.{name}",
                    "value": format_setting(getattr(part, name)),
                    "default": format_setting(field.default),
                    "meaning": field.description or "",
                    "variable": variable,
                }
            )
    return rows
