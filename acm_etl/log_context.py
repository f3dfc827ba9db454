"""Context variables with the current machine and run, added to every log line and to sessions of SQL Server.

Context variables, not arguments: the SQL layer and the log formatter need them and know nothing of machines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_MACHINE_VAR: ContextVar[str | None] = ContextVar("machine", default=None)
_RUN_VAR: ContextVar[str | None] = ContextVar("run", default=None)


@contextmanager
def bind_machine(code: str) -> Iterator[None]:
    """Set the machine of log lines and statements within the block."""
    token = _MACHINE_VAR.set(code)
    try:
        yield
    finally:
        _MACHINE_VAR.reset(token)


@contextmanager
def bind_run(run_id: str) -> Iterator[None]:
    """Set the run of log lines and statements within the block: the first run of a batch."""
    token = _RUN_VAR.set(run_id)
    try:
        yield
    finally:
        _RUN_VAR.reset(token)


def current_log_context() -> dict[str, str]:
    """Return ``machine`` and ``run``, without those that are not set."""
    values = {"machine": _MACHINE_VAR.get(), "run": _RUN_VAR.get()}
    return {name: value for name, value in values.items() if value is not None}


def propagate_context(function: Callable[P, T]) -> Callable[P, T]:
    """Wrap a function for one call in another thread, with the machine and the run of this thread."""
    # Threads of a pool start with an empty context. A context can be entered once at a time, hence the copy per call.
    return partial(copy_context().run, function)


def get_current_run() -> str | None:
    """Return the run of log lines and statements; None outside of a batch."""
    return _RUN_VAR.get()
