"""Spans of OpenTelemetry for runs, batches and their phases; nothing unless its environment variables name a collector.

The SDK reads its own variables: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import cache, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from acm_etl import log_context

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger(__name__)
_ENDPOINTS = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"
_FLUSH_MS = 5_000  # a collector that does not answer must not hold a nightly run up


def has_collector(signal: str) -> bool:
    """Return whether the environment names a collector for a signal, ``TRACES`` or ``METRICS``."""
    return any(os.environ.get(name.format(signal=signal)) for name in _ENDPOINTS)


def trace_calls(name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator that makes each call a span with the current machine and run as attributes.

    Calls in threads that run under ``log_context.propagate_context`` belong to the span that started the thread.

    Args:
        name: Name of the span.
    """

    def wrap_function(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def call_in_span(*args: P.args, **kwargs: P.kwargs) -> T:
            tracer = _get_tracer()
            # The usual case: a cached function and a comparison are all that it costs.
            if tracer is None:
                return function(*args, **kwargs)
            with tracer.start_as_current_span(name, attributes=log_context.current_log_context()):
                return function(*args, **kwargs)

        return call_in_span

    return wrap_function


def flush_spans() -> None:
    """Send the finished spans now: a worker process may end without running exit handlers."""
    if _get_tracer() is not None:
        from opentelemetry import trace  # noqa: PLC0415

        flush = getattr(trace.get_tracer_provider(), "force_flush", None)
        if flush:
            flush(_FLUSH_MS)


@cache
def _get_tracer() -> Tracer | None:
    """Return the tracer of this process; None without a collector or without the extra."""
    if not has_collector("TRACES"):
        return None
    try:
        from opentelemetry import trace  # noqa: PLC0415
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        log.warning("no traces are sent (%s); run: pip install 'acm_etl[otel]'", error)
        return None
    # A provider that opentelemetry-instrument has set stays.
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        provider = TracerProvider()
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(provider)
    return trace.get_tracer("acm_etl")
