"""Log lines for people, or one JSON object per event (``--log-json``), each with the machine and run it is about."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from acm_etl import log_context

log = logging.getLogger("acm_etl")
_STANDARD_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
"""What every record has; the others were given as ``extra``."""


class TextFormatter(logging.Formatter):
    """Time, level, text, and the run in brackets."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """One line, with a traceback below where there is one."""
        head, newline, rest = super().format(record).partition("\n")
        run = getattr(record, "run", None) or log_context.current_log_context().get(
            "run"
        )  # a worker's record brings its own
        return f"{head} [run {run}]{newline}{rest}" if run else f"{head}{newline}{rest}"


class JsonFormatter(logging.Formatter):
    """``at`` (ISO, UTC), ``level``, ``logger``, ``event``, machine and run, what else the event has to say."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever is in the text."""
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **log_context.current_log_context(),
            **{name: value for name, value in record.__dict__.items() if name not in _STANDARD_FIELDS},
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, default=str, ensure_ascii=False)


class EventProgress:
    """A Progress whose steps are log events."""

    def set_machine_count(self, machines: int) -> None:
        """Nothing to log: each machine says when it begins."""

    def start_machine(self, machine: str, *, windows: int) -> None:
        """Work on a machine begins."""
        log.info("begin", extra={"machine": machine, "windows": windows})

    def set_stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """A stage of work begins."""
        log.debug("stage", extra={"machine": machine, "stage": stage, "detail": detail})

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Windows are committed."""
        log.info("advance", extra={"machine": machine, "windows": windows, "rows": rows, "reached": detail})

    def finish_machine(self, machine: str, *, outcome: str) -> None:
        """Work on a machine is over."""
        log.info("end", extra={"machine": machine, "outcome": outcome})


def configure_logging(*, verbosity: int, as_json: bool) -> None:
    """Send log lines to standard error.

    Args:
        verbosity: 0 warnings only (with JSON: events too), 1 each group, 2 everything.
        as_json: One JSON object per event.
    """
    levels = (logging.WARNING, logging.INFO, logging.DEBUG)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if as_json else TextFormatter())
    logging.basicConfig(level=levels[min(verbosity + as_json, 2)], handlers=[handler], force=True)
