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
from acm_etl.run.batch import PulledBatch, ResumePoint, ScoredBatch, WindowBatch
from acm_etl.run.context import MachineContext
from acm_etl.run.training import TrainedModel
from acm_etl.score import ScoringState
from acm_etl.windows import Window

Windows = Sequence[Window]


@dataclass(frozen=True, slots=True)
class _QueuedBatch:
    windows: Windows
    future: Future[ScoredBatch] | None


class Prefetcher:
    """Groups in order, each with what is ready of it; at most ``depth`` of them are worked on ahead.

    Two threads: one pulls by a session of its own, one scores, group after group, as each needs the state after the one
    before. A single group is left to the caller.

    Args:
        context: The machine.
        trained: Models in use for all of the groups.
        resume_point: Where the first of them starts.
        batches: The windows of each group, taken as they are needed.
    """

    def __init__(
        self, context: MachineContext, trained: TrainedModel, resume_point: ResumePoint, batches: Iterator[Windows]
    ) -> None:
        self._context, self._trained, self._resume_point = context, trained, resume_point
        self._depth = context.config.backfill.prefetch
        first = list(islice(batches, 2))
        self._batches = chain(first, batches)
        self._disabled = self._depth == 0 or len(first) < 2
        self._queue: deque[_QueuedBatch] = deque()
        self._get_last_state: Callable[[], ScoringState | None] = lambda: resume_point.state
        self._prefetch_failed = False
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        """Open the session and start the threads."""
        if not self._disabled:
            self._session: Engine = self._context.engine.open_session()
            self._resources.callback(self._session.close)
            self._pull_executor = self._resources.enter_context(ThreadPoolExecutor(1, "acm-pull"))
            self._score_executor = self._resources.enter_context(ThreadPoolExecutor(1, "acm-score"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Forget what was not published; what is at work is waited for, what has not begun is not."""
        self._cancel_queued()
        self._resources.__exit__(kind, error, traceback)

    def __iter__(self) -> Iterator[tuple[Windows, ScoredBatch | None]]:
        """Windows, and what is ready of them, or None where the caller has to do it all."""
        while True:
            missing = 1 + self._depth - len(self._queue)
            for windows in islice(self._batches, 1 if self._disabled else missing):
                self._queue.append(self._submit_batch(windows))
            if not self._queue:
                return
            waiting = self._queue.popleft()
            # exception() waits; asked this way, an error stays here and is met again in its place
            self._prefetch_failed = waiting.future is not None and waiting.future.exception() is not None
            yield waiting.windows, None if waiting.future is None or self._prefetch_failed else waiting.future.result()

    def mark_published(self, resume_point: ResumePoint) -> None:
        """The group handed out last is stored: where it was not ready, those behind it begin anew from there."""
        if not self._prefetch_failed:
            return
        again = [waiting.windows for waiting in self._queue]
        self._cancel_queued()
        self._get_last_state = lambda: resume_point.state
        self._queue.extend(map(self._submit_batch, again))

    def _submit_batch(self, windows: Windows) -> _QueuedBatch:
        if self._disabled:
            return _QueuedBatch(windows, None)
        pulled = self._pull_executor.submit(
            log_context.propagate_context(self._build_batch(windows, None).pull_readings), self._session
        )
        ready = self._score_executor.submit(
            log_context.propagate_context(self._score_batch), windows, pulled, self._get_last_state
        )
        self._get_last_state = lambda: ready.result().result.state
        return _QueuedBatch(windows, ready)

    def _score_batch(
        self, windows: Windows, pulled: Future[PulledBatch], get_state: Callable[[], ScoringState | None]
    ) -> ScoredBatch:
        found = pulled.result()
        return ScoredBatch(found, self._build_batch(windows, get_state()).score_readings(found.readings))

    def _build_batch(self, windows: Windows, state: ScoringState | None) -> WindowBatch:
        return WindowBatch(
            self._context, self._trained, windows, replace(self._resume_point, state=state), provisional=False
        )

    def _cancel_queued(self) -> None:
        for waiting in self._queue:
            if waiting.future is not None:
                waiting.future.cancel()
        self._queue.clear()
