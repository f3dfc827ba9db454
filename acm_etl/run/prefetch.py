"""While a group is published, the next one is scored and the one after it pulled.

Nothing here writes to the store. A group that could not be pulled or scored ahead is simply not ready: its turn comes,
it tries by itself, and what goes wrong then is said and recorded as its failure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import chain, islice
from types import TracebackType
from typing import Self

from acm_etl import log_context
from acm_etl.engine import Engine
from acm_etl.run.batch import Cursor, Group, Pulled, Ready
from acm_etl.run.context import Job
from acm_etl.run.training import Trained
from acm_etl.score import State
from acm_etl.windows import Window

Windows = Sequence[Window]


@dataclass(frozen=True, slots=True)
class _Waiting:
    windows: Windows
    ready: Future[Ready] | None


class Ahead:
    """Groups in order, each with what is ready of it; at most ``depth`` of them are worked on ahead.

    Two threads: one pulls by a session of its own, one scores, group after group, as each needs the state after the one
    before. A single group is left to the caller.

    Args:
        job: The machine.
        trained: Models in use for all of the groups.
        cursor: Where the first of them starts.
        groups: The windows of each group, taken as they are needed.
    """

    def __init__(self, job: Job, trained: Trained, cursor: Cursor, groups: Iterator[Windows]) -> None:
        self._job, self._trained, self._cursor = job, trained, cursor
        self._depth = job.config.backfill.ahead
        first = list(islice(groups, 2))
        self._groups = chain(first, groups)
        self._alone = self._depth == 0 or len(first) < 2
        self._queue: deque[_Waiting] = deque()
        self._last: Callable[[], State | None] = lambda: cursor.state
        self._failed = False
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Open the session and start the threads."""
        if not self._alone:
            self._session: Engine = self._job.engine.fork()
            self._open.callback(self._session.close)
            self._pulling = self._open.enter_context(ThreadPoolExecutor(1, "acm-pull"))
            self._scoring = self._open.enter_context(ThreadPoolExecutor(1, "acm-score"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Forget what was not published; what is at work is waited for, what has not begun is not."""
        self._drop()
        self._open.__exit__(kind, error, traceback)

    def __iter__(self) -> Iterator[tuple[Windows, Ready | None]]:
        """Windows, and what is ready of them, or None where the caller has to do it all."""
        while True:
            missing = 1 + self._depth - len(self._queue)
            for windows in islice(self._groups, 1 if self._alone else missing):
                self._queue.append(self._begin(windows))
            if not self._queue:
                return
            waiting = self._queue.popleft()
            # exception() waits; asked this way, an error stays here and is met again in its place
            self._failed = waiting.ready is not None and waiting.ready.exception() is not None
            yield waiting.windows, None if waiting.ready is None or self._failed else waiting.ready.result()

    def published(self, cursor: Cursor) -> None:
        """The group handed out last is stored: where it was not ready, those behind it begin anew from there."""
        if not self._failed:
            return
        again = [waiting.windows for waiting in self._queue]
        self._drop()
        self._last = lambda: cursor.state
        self._queue.extend(map(self._begin, again))

    def _begin(self, windows: Windows) -> _Waiting:
        if self._alone:
            return _Waiting(windows, None)
        pulled = self._pulling.submit(log_context.carried(self._group(windows, None).read), self._session)
        ready = self._scoring.submit(log_context.carried(self._score), windows, pulled, self._last)
        self._last = lambda: ready.result().scored.state
        return _Waiting(windows, ready)

    def _score(self, windows: Windows, pulled: Future[Pulled], before: Callable[[], State | None]) -> Ready:
        found = pulled.result()
        return Ready(found, self._group(windows, before()).assess(found.readings))

    def _group(self, windows: Windows, state: State | None) -> Group:
        return Group(self._job, self._trained, windows, replace(self._cursor, state=state), provisional=False)

    def _drop(self) -> None:
        for waiting in self._queue:
            if waiting.ready is not None:
                waiting.ready.cancel()
        self._queue.clear()
