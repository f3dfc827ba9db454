"""Windows as the grid of a machine cuts them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from acm_etl.windows import WindowGrid

DAY = timedelta(days=1)


@pytest.mark.parametrize("year", [1964, 1970, 2024])
def test_the_last_boundary_is_at_or_before_the_time(year):
    noon = datetime(year, 3, 5, 12)
    grid = WindowGrid(DAY, split_times=(noon - timedelta(hours=3), noon + timedelta(hours=3)))
    assert WindowGrid(DAY).last_boundary(noon) == datetime(year, 3, 5)
    assert grid.last_boundary(noon) == noon - timedelta(hours=3)
