"""Expected readings of an episode, by the models that scored it."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime

import polars as pl

from acm_etl import score
from acm_etl.errors import ModelError
from acm_etl.load.models import registry
from acm_etl.report.queries import MachineRows

log = logging.getLogger(__name__)


class EpisodeModels:
    """The models of a machine by episode; each version is loaded once.

    Args:
        rows: Reader of the rows of the machine.
    """

    def __init__(self, rows: MachineRows) -> None:
        self._rows = rows
        self._versions = registry.read_episode_versions(rows.engine, rows.machine.equip_id)
        self._models: dict[int, score.Model | None] = {}

    def find_model(self, start: datetime) -> score.Model | None:
        """Return the models that scored the start of an episode; None if there are none, or if they are damaged."""
        version = self._versions.get(start)
        if version is None:
            return None
        if version not in self._models:
            self._models[version] = self._load_model(start)
        return self._models[version]

    def _load_model(self, time: datetime) -> score.Model | None:
        try:
            record = registry.read_model_at(self._rows.engine, self._rows.machine.equip_id, time)
            return score.Model.from_bytes(record.model_bytes) if record else None
        except ModelError as error:
            # The page shows what is stored, also where the models are damaged.
            log.warning("%s: no expected readings in the report: %s", self._rows.machine.code, error)
            return None


def add_expected_readings(
    readings: pl.DataFrame, model: score.Model | None, *, distrusted: Collection[str]
) -> pl.DataFrame:
    """Return readings with the column ``expected TAG`` for each scored tag, null where it is not known.

    Args:
        readings: ``Timestamp`` and tags.
        model: The models of the time; None if they are not known.
        distrusted: Tags that say nothing about the others.
    """
    # The readings of a tag whose column is gone cannot be had, and all expectations rest on all tags.
    if model is None or readings.is_empty() or not set(model.tags) <= set(readings.columns):
        return readings
    expected = score.compute_expected_readings(readings, model, distrusted=distrusted)
    return readings.with_columns(expected.get_column(tag).alias(name_expected(tag)) for tag in model.tags)


def name_expected(tag: str) -> str:
    """Return the column of the expected readings of a tag."""
    return f"expected {tag}"
