"""BLAS has one thread while scoring runs, and its previous number afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from acm_etl import score
from acm_etl.score import blas_threads


@pytest.fixture(autouse=True)
def _libraries_of_now():
    """Scoring has not run yet: other tests of this process load SciPy behind it, with a BLAS of its own."""
    blas_threads._blas_controller.cache_clear()


@pytest.fixture
def two():
    """The libraries have two threads, whatever the machine has."""
    with threadpool_limits(2):
        yield


def threads():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.mark.usefixtures("two")
def test_limit_holds_inside_and_is_restored():
    with score.limit_blas_threads(), score.limit_blas_threads():
        assert threads() == {1}
    assert threads() == {2}
    with pytest.raises(ZeroDivisionError), score.limit_blas_threads():
        raise ZeroDivisionError
    assert threads() == {2}


def test_concurrent_limits_are_restored():
    together, before = Barrier(4), threads()

    def work(_):
        for _ in range(20):
            with score.limit_blas_threads():
                together.wait()
                assert threads() == {1}
                together.wait()  # nobody leaves before all have looked
            together.wait()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert threads() == before


@pytest.mark.usefixtures("two")
def test_libraries_loaded_by_fit_are_limited(make_plant, fast):
    with score.limit_blas_threads():
        score.fit(make_plant(300), fast)
        assert threads() == {1}
    assert threads() == {2}
