"""Log formatters: plain lines, or one JSON object per event (``--log-json``); both add the machine and the run."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

from acm_etl import log_context
from acm_etl.plain_values import to_plain
from acm_etl.progress import is_announcement
from acm_etl.redaction import redact_text

log = logging.getLogger("acm_etl")
_STANDARD_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
"""Attributes of every log record; any other attribute was passed as ``extra`` and belongs into the JSON event."""


class TextFormatter(logging.Formatter):
    """Format time, level and message, followed by the run in brackets."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, followed by the traceback if the record has one."""
        first_line, newline, rest = redact_text(super().format(record)).partition("\n")
        # A record of a worker process carries the run of the worker; here, no run is set.
        run = getattr(record, "run", None) or log_context.current_log_context().get("run")
        return f"{first_line} [run {run}]{newline}{rest}" if run else f"{first_line}{newline}{rest}"


class JsonFormatter(logging.Formatter):
    """Format ``at`` (ISO 8601, UTC), ``level``, ``logger``, ``event``, machine, run and the fields of the event."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of JSON; line breaks in the message are escaped."""
        event = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **log_context.current_log_context(),
            **{name: value for name, value in record.__dict__.items() if name not in _STANDARD_FIELDS},
        }
        if record.exc_info:
            event["traceback"] = self.formatException(record.exc_info)
        return json.dumps(_redact_texts(to_plain(event)), ensure_ascii=False, allow_nan=False)


def _redact_texts(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """Mask the secrets of all texts in a JSON value, before it is written: afterwards, texts are escaped."""
    if isinstance(value, dict):
        return {name: _redact_texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_redact_texts(item) for item in value]
    return redact_text(value) if isinstance(value, str) else value


class LogEventProgress:
    """A Progress that logs each report as an event with fields, for ``--log-json``."""

    def set_machine_count(self, machines: int) -> None:
        """Log nothing: each machine logs its start."""

    def start_machine(self, machine: str, *, windows: int) -> None:
        """Log the start of a machine."""
        log.info("begin", extra={"machine": machine, "windows": windows})

    def set_stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """Log the activity, at level DEBUG; an announcement at INFO, as the start of a machine."""
        level = logging.INFO if is_announcement(stage, detail) else logging.DEBUG
        log.log(level, "stage", extra={"machine": machine, "stage": stage, "detail": detail})

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Log the committed windows."""
        log.info("advance", extra={"machine": machine, "windows": windows, "rows": rows, "reached": detail})

    def finish_machine(self, machine: str, *, outcome: str) -> None:
        """Log the outcome of a machine."""
        log.info("end", extra={"machine": machine, "outcome": outcome})


class _StderrHandler(logging.StreamHandler[TextIO]):
    """Write to the standard error of the moment: bars replace it, and show the lines above them."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        # Not by setStream, which flushes the stream of before: that may be closed, and each line is flushed anyway.
        self.stream = sys.stderr
        super().emit(record)


def configure_logging(*, verbosity: int, as_json: bool) -> None:
    """Send log lines to standard error.

    Args:
        verbosity: 0 for warnings, 1 also for each batch, 2 for everything. JSON adds one level: 0 logs batches.
        as_json: One JSON object per event.
    """
    levels = (logging.WARNING, logging.INFO, logging.DEBUG)
    # force: a second command in one process (tests, notebooks) replaces the handler of the first.
    handler = _StderrHandler()
    handler.setFormatter(JsonFormatter() if as_json else TextFormatter())
    logging.basicConfig(level=levels[min(verbosity + as_json, 2)], handlers=[handler], force=True)
