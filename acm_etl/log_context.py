"""Which machine and which run the code of a thread is at work for: told in every log line and SQL statement."""

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
    """What follows is about a machine."""
    token = _MACHINE_VAR.set(code)
    try:
        yield
    finally:
        _MACHINE_VAR.reset(token)


@contextmanager
def bind_run(run_id: str) -> Iterator[None]:
    """What follows is done for a run: the first one of a group."""
    token = _RUN_VAR.set(run_id)
    try:
        yield
    finally:
        _RUN_VAR.reset(token)


def current_log_context() -> dict[str, str]:
    """``machine`` and ``run``, as far as they are known."""
    known = {"machine": _MACHINE_VAR.get(), "run": _RUN_VAR.get()}
    return {name: value for name, value in known.items() if value is not None}


def propagate_context(function: Callable[P, T]) -> Callable[P, T]:
    """A function for one call in another thread, where it is at work for the machine and run of this one."""
    return partial(copy_context().run, function)


def add_run_comment(sql: str) -> str:
    """A statement with the run in a comment, by which a DBA finds it in RunLog."""
    run_id = _RUN_VAR.get()
    return f"/* acm_etl run {run_id} */ {sql}" if run_id else sql
