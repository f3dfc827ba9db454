"""Which machine and which run the code of a thread is at work for: told in every log line and SQL statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_MACHINE: ContextVar[str | None] = ContextVar("machine", default=None)
_RUN: ContextVar[str | None] = ContextVar("run", default=None)


@contextmanager
def machine(code: str) -> Iterator[None]:
    """What follows is about a machine."""
    token = _MACHINE.set(code)
    try:
        yield
    finally:
        _MACHINE.reset(token)


@contextmanager
def run(run_id: str) -> Iterator[None]:
    """What follows is done for a run: the first one of a group."""
    token = _RUN.set(run_id)
    try:
        yield
    finally:
        _RUN.reset(token)


def current() -> dict[str, str]:
    """``machine`` and ``run``, as far as they are known."""
    known = {"machine": _MACHINE.get(), "run": _RUN.get()}
    return {name: value for name, value in known.items() if value is not None}


def carried(function: Callable[P, T]) -> Callable[P, T]:
    """A function for one call in another thread, where it is at work for the machine and run of this one."""
    return partial(copy_context().run, function)


def marked(sql: str) -> str:
    """A statement with the run in a comment, by which a DBA finds it in RunLog."""
    run_id = _RUN.get()
    return f"/* acm_etl run {run_id} */ {sql}" if run_id else sql
