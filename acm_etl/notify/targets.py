"""Targets of messages: addresses of Apprise from the environment, which are secrets and never shown."""

from __future__ import annotations

import logging
import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from acm_etl.errors import UsageError
from acm_etl.formatting import documentation_url

if TYPE_CHECKING:
    from types import ModuleType

URLS_VARIABLE = "ACM_NOTIFY_URLS"
"""Environment variable with the addresses, separated by blanks or line breaks."""
_SCHEME_PATTERN = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_HTTP_CODE_PATTERN = re.compile(r"\berror=(\d{3})\b")


@dataclass(frozen=True, slots=True)
class Target:
    """A target of messages.

    Attributes:
        name: Kind and number, e.g. ``mailto-1``: without any part of the address, most of which may be secret.
        url: Address of Apprise.
    """

    name: str
    url: str = field(repr=False)

    def send(self, title: str, body: str) -> str | None:
        """Send a message; return why the target did not accept it, None if it did."""
        apprise = _import_apprise()
        with _capture_log() as lines:
            # One object per target: for several ones, Apprise would tell only that one of them has failed.
            service = apprise.Apprise()
            added = service.add(self.url)
            accepted = added and service.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
        if accepted:
            return None
        # The lines of Apprise may name hosts and tokens: only the HTTP code is taken from them.
        codes = _HTTP_CODE_PATTERN.findall("\n".join(lines))
        reason = f"HTTP {codes[-1]}" if codes else "no connection, or the login was refused"
        return f"{self.name} did not accept the message ({reason})" if added else f"{self.name} is not a valid address"


def read_targets() -> list[Target]:
    """Return the targets of the environment.

    Raises:
        UsageError: The variable is not set, an entry is no URL, or Apprise is not installed.
    """
    urls = os.environ.get(URLS_VARIABLE, "").split()
    if not urls:
        # An address without a login: what looks like a password is masked in every message.
        message = (
            f"no targets: set {URLS_VARIABLE}, e.g. export {URLS_VARIABLE}=jsons://alarms.plant.example/acm; for "
            f"e-mail and chat, see {documentation_url('notify')}"
        )
        raise UsageError(message)
    _import_apprise()
    return list(_name_targets(urls))


def _name_targets(urls: list[str]) -> Iterator[Target]:
    numbers: Counter[str] = Counter()
    for number, url in enumerate(urls, start=1):
        scheme = _SCHEME_PATTERN.match(url)
        if scheme is None:
            # The entry itself is not shown: it may be a token.
            message = f"entry {number} of {len(urls)} in {URLS_VARIABLE} is no URL: write it as scheme://..."
            raise UsageError(message)
        kind = scheme[1].casefold()
        numbers[kind] += 1
        yield Target(f"{kind}-{numbers[kind]}", url)


def _import_apprise() -> ModuleType:
    # An extra: most stores send no messages.
    try:
        import apprise  # noqa: PLC0415 - optional
    except ImportError as error:
        message = "messages need Apprise: pip install 'acm_etl[notify]'"
        raise UsageError(message) from error
    return apprise


@contextmanager
def _capture_log() -> Iterator[list[str]]:
    """Collect the log lines of Apprise instead of printing them: they may contain parts of an address."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("apprise")
    propagates, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagates
