"""Conversion of results and log fields to the values that JSON has."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any


def to_plain(value: object) -> Any:  # noqa: ANN401 - a JSON value
    """Convert a result to values that JSON has.

    Args:
        value: Dataclass, mapping, sequence, set or scalar. Naive times are UTC.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): to_plain(item) for name, item in value.items()}
    # JSON has one kind of sequence.
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    # After the containers and floats: what is left is a plain value, a time, or something with a text of its own.
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else str(value)
