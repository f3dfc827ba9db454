"""Status of a fleet as gauges of OpenTelemetry, for a collector that its environment variables name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acm_etl.errors import UsageError
from acm_etl.status.machine_status import FleetStatus
from acm_etl.status.metrics import METRICS
from acm_etl.status.verdict import judge_fleet

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricReader


def send_metrics(fleet: FleetStatus, reader: MetricReader | None = None) -> None:
    """Send the metrics of all machines once.

    Args:
        fleet: The machines.
        reader: Takes the metrics; by default they go to the collector.

    Raises:
        UsageError: The extra ``[otel]`` is not installed.
    """
    try:
        from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415

        provider = MeterProvider([reader or _make_reader()])
    except ImportError as error:
        message = f"cannot send metrics to a collector ({error}); run: pip install 'acm_etl[otel]'"
        raise UsageError(message) from error
    meter = provider.get_meter("acm_etl")
    judged = judge_fleet(fleet)
    for metric in METRICS:
        gauge = meter.create_gauge(metric.name, description=metric.meaning)
        for machine, verdict in judged:
            value = metric.read(machine, verdict)
            # As in the text: no sample where a value is not known.
            if value is not None:
                gauge.set(value, {"machine": machine.code})
    # The command ends here: the shutdown reads the gauges once and sends them.
    provider.shutdown()


def _make_reader() -> MetricReader:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415

    return PeriodicExportingMetricReader(OTLPMetricExporter())
