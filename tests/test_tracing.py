"""OpenTelemetry: spans of a backfill and gauges of a fleet, and nothing of it without a collector."""

from __future__ import annotations

import contextlib
import json
import sys

import pytest
from commands import run
from plants import CODE, history

from acm_etl import tracing
from acm_etl.run.context import SettingsSources
from acm_etl.status.fleet_monitor import FleetMonitor
from acm_etl.status.metrics import METRICS

sdk = pytest.importorskip("opentelemetry.sdk", reason="no OpenTelemetry here: pip install opentelemetry-sdk")


@pytest.fixture
def spans(monkeypatch):
    """Finished spans of this test."""
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter  # noqa: PLC0415

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_get_tracer", lambda: provider.get_tracer("test"))
    return exporter.get_finished_spans


def test_a_backfill_is_a_trace_of_its_batches_and_their_phases(plant, spans):
    place = plant(readings=history(days=16))
    place.backfill(max_windows=2, options={"backfill.batch_rows": 1})
    found = spans()
    (root,) = [span for span in found if span.name == "backfill"]
    assert root.attributes["machine"] == CODE
    assert {span.context.trace_id for span in found} == {root.context.trace_id}
    batches = [span for span in found if span.name == "batch"]
    runs = place.query("SELECT RunID FROM RunLog WHERE Stage = 'score'")["RunID"].to_list()
    assert sorted(span.attributes["run"] for span in batches) == sorted(runs)
    assert {span.parent.span_id for span in batches} == {root.context.span_id}
    published = [span for span in found if span.name == "publish"]
    assert {span.parent.span_id for span in published} == {span.context.span_id for span in batches}
    assert {"pull", "score"} <= {span.name for span in found}


@pytest.mark.slow
def test_a_failure_is_a_span_with_its_error(plant, spans, monkeypatch):
    from acm_etl.load import publish  # noqa: PLC0415

    def fail(*_):
        raise ValueError

    place = plant(readings=history(days=16))
    monkeypatch.setattr(publish, "publish_batch", fail)
    place.backfill(max_windows=1)
    (batch,) = [span for span in spans() if span.name == "batch"]
    assert not batch.status.is_ok


def test_without_a_collector_no_library_is_imported(plant, monkeypatch):
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    tracing._get_tracer.cache_clear()
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    assert plant.scored(readings=history(days=16), max_windows=1)
    assert tracing._get_tracer() is None


def test_the_extra_is_named_where_it_is_missing(plant, monkeypatch):
    place = plant.scored(readings=history(days=16), max_windows=2)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.metrics", None)
    refused = run(place, "metrics", env={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
    assert refused.exit_code == 2
    assert "acm_etl[otel]" in refused.output


def test_metrics_are_those_of_the_text(plant):
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader  # noqa: PLC0415

    from acm_etl.status.otlp_metrics import send_metrics  # noqa: PLC0415

    class Kept(InMemoryMetricReader):
        """Keeps what the shutdown of the provider collects."""

        def shutdown(self, timeout_millis=30_000, **kwargs):
            self.kept = self.get_metrics_data()
            super().shutdown(timeout_millis, **kwargs)

    place = plant.scored(readings=history(days=16), max_windows=2)
    with contextlib.closing(FleetMonitor(SettingsSources(options={"store.url": place.url}))) as monitor:
        fleet = monitor.read_status()
    reader = Kept()
    send_metrics(fleet, reader)
    found = {metric.name: metric for each in reader.kept.resource_metrics[0].scope_metrics for metric in each.metrics}
    (point,) = found["acm_windows_scored"].data.data_points
    assert (point.value, dict(point.attributes)) == (2, {"machine": CODE})
    assert found.keys() <= {metric.name for metric in METRICS}
    text = json.loads(run(place, "metrics", "--json").output)["text"]
    assert {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")} == {
        *found,
        "acm_observed_timestamp_seconds",
    }
