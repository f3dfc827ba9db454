"""Faults at single statements of the embedded store."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock

from acm_etl.io.duckdb.engine import DuckDB


@contextmanager
def call_before_statements(act: Callable[[int], None]) -> Iterator[None]:
    """Call a function with the number of each statement, from one, before DuckDB gets it; it may raise an error."""
    numbers, original = itertools.count(1), DuckDB._translate_errors

    @contextmanager
    def translated(engine: DuckDB) -> Iterator[None]:
        act(next(numbers))
        with original(engine):
            yield

    with mock.patch.object(DuckDB, "_translate_errors", translated):
        yield
