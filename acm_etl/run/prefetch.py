"""Prefetch: while one batch is published, the next batch is scored and the batch after that is pulled.

Nothing here writes to the store. An error while prefetching is not reported: the caller repeats the batch when its turn
comes, retries there, and records a permanent error as the failure of that batch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from types import TracebackType
from typing import Self

from acm_etl import log_context, score
from acm_etl.engine import Engine
from acm_etl.run.batch import PulledBatch, ResumePoint, ScoredBatch, WindowBatch
from acm_etl.run.context import MachineContext
from acm_etl.run.trained_model import TrainedModel
from acm_etl.windows import Window

Windows = Sequence[Window]


@dataclass(frozen=True, slots=True)
class _QueuedBatch:
    windows: Windows
    future: Future[ScoredBatch] | None


class Prefetcher:
    """Iterate over batches in order, with up to ``backfill.prefetch`` of them pulled and scored ahead.

    Two threads work ahead. One pulls readings through a session of its own, because a session serves one thread. The
    other scores; one thread is enough, as each batch needs the scoring state at the end of the batch before.

    Args:
        context: The machine.
        trained: Models that score all of the batches.
        resume_point: Start of the first batch.
        batches: The windows of each batch; consumed as batches are needed.
        complete_until: End of the last complete window, UTC. Incomplete windows are in the last batch only.
    """

    def __init__(
        self,
        context: MachineContext,
        trained: TrainedModel,
        resume_point: ResumePoint,
        batches: Iterator[Windows],
        *,
        complete_until: datetime,
    ) -> None:
        self._context, self._trained, self._resume_point = context, trained, resume_point
        self._complete_until = complete_until
        self._depth = context.config.backfill.prefetch
        first_batches = list(islice(batches, 2))
        # The two batches that were taken to count them are put back in front.
        self._batches = chain(first_batches, batches)
        # A nightly run has one batch and nothing to overlap: save the second session and the threads.
        self._disabled = self._depth == 0 or len(first_batches) < 2
        self._queue: deque[_QueuedBatch] = deque()
        self._get_last_state: Callable[[], score.ScoringState | None] = lambda: resume_point.state
        self._prefetch_failed = False
        # Closed in reverse order: first the threads, which wait for their batches, then the session that they use.
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        """Open the session for pulling and start the threads."""
        if not self._disabled:
            self._session: Engine = self._context.engine.open_session()
            self._resources.callback(self._session.close)
            self._pull_executor = self._resources.enter_context(ThreadPoolExecutor(1, "acm-pull"))
            self._score_executor = self._resources.enter_context(ThreadPoolExecutor(1, "acm-score"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Cancel queued batches; wait for the batches that are being pulled or scored."""
        self._cancel_queued()
        self._resources.__exit__(kind, error, traceback)

    def __iter__(self) -> Iterator[tuple[Windows, ScoredBatch | None]]:
        """Yield the windows of each batch and its scored readings; None where the caller must pull and score."""
        while True:
            # One batch for the caller, and ``depth`` batches ahead of it.
            missing = 1 + self._depth - len(self._queue)
            for windows in islice(self._batches, 1 if self._disabled else missing):
                self._queue.append(self._submit_batch(windows))
            if not self._queue:
                return
            batch = self._queue.popleft()
            # Future.exception() blocks without raising; the caller repeats a failed batch in order.
            self._prefetch_failed = batch.future is not None and batch.future.exception() is not None
            yield batch.windows, None if batch.future is None or self._prefetch_failed else batch.future.result()

    def mark_published(self, resume_point: ResumePoint) -> None:
        """Continue after a batch is published; call this after every batch.

        Args:
            resume_point: End of the published batch.
        """
        if not self._prefetch_failed:
            return
        # The batches behind a failed one waited for its state and failed with it: submit them again from here.
        queued = [batch.windows for batch in self._queue]
        self._cancel_queued()
        self._get_last_state = lambda: resume_point.state
        self._queue.extend(map(self._submit_batch, queued))

    def _submit_batch(self, windows: Windows) -> _QueuedBatch:
        if self._disabled:
            return _QueuedBatch(windows, None)
        # One pull thread: the session serves one statement at a time.
        pulled = self._pull_executor.submit(
            log_context.propagate_context(self._build_batch(windows, None).pull_readings), self._session
        )
        scored = self._score_executor.submit(
            log_context.propagate_context(self._score_batch), windows, pulled, self._get_last_state
        )
        # The state is looked up when the next batch is scored, not now: it does not exist yet.
        self._get_last_state = lambda: scored.result().result.state
        return _QueuedBatch(windows, scored)

    def _score_batch(
        self, windows: Windows, pulled: Future[PulledBatch], get_state: Callable[[], score.ScoringState | None]
    ) -> ScoredBatch:
        # Raises the error of the pull here, so that the batch fails as a whole and is repeated as a whole.
        pulled_batch = pulled.result()
        return ScoredBatch(pulled_batch, self._build_batch(windows, get_state()).score_readings(pulled_batch.readings))

    def _build_batch(self, windows: Windows, state: score.ScoringState | None) -> WindowBatch:
        resume_point = replace(self._resume_point, state=state)
        return WindowBatch(self._context, self._trained, windows, resume_point, complete_until=self._complete_until)

    def _cancel_queued(self) -> None:
        for batch in self._queue:
            if batch.future is not None:
                # A future that runs cannot be cancelled: closing the executors waits for it.
                batch.future.cancel()
        self._queue.clear()
