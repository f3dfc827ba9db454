"""One fault of each kind: whatever happens to a backfill, the next one leaves the tables of an undisturbed run."""

from __future__ import annotations

import os
import random

import pytest
import stores

from chaos.faults import FAULTS
from chaos.harness import TrialStores, count_differences


@pytest.fixture(scope="module")
def trial_stores(tmp_path_factory):
    return TrialStores(tmp_path_factory.mktemp("chaos"))


# `make chaos` takes these, too. Of three and eight runners, the fewer are tried here. Signals and failing statements
# have tests of their own: tests/promises/test_exactly_once.py and test_failing_statements.py.
LEFT_OUT = {"8 runners at once", "SIGKILL", "SIGTERM", "SIGINT", "statement: terminal"}
# One of those on the wire stands for all: tests/mssql/test_failures.py tries each at each step of a batch.
# `make test` kills one backfill.
KINDS = [
    pytest.param(kind, marks=[] if kind == "statement: kill" else pytest.mark.slow)
    for kind in FAULTS
    if kind == "server: drops" or (not kind.startswith("server: ") and kind not in LEFT_OUT)
]


@pytest.mark.parametrize("kind", KINDS)
def test_no_row_is_lost_or_doubled(trial_stores, kind, capfd):
    if kind.startswith("server: "):
        stores.needs_driver()
    seed = os.environ.get("CHAOS_SEED") or str(random.SystemRandom().randrange(2**31))
    with capfd.disabled():
        print(f"\n{kind}: seed {seed} (CHAOS_SEED repeats it)")
    outcome = FAULTS[kind](trial_stores, random.Random(seed))
    assert outcome.is_exact, outcome


@pytest.mark.slow
def test_the_comparison_sees_what_it_is_for(trial_stores):
    """A harness that finds nothing must be able to find something."""
    wanted = trial_stores.expected_tables("fresh")
    scores = wanted["ACM_Scores_Wide"]
    changed = scores.with_columns(scores["HealthIndex"] + 1)
    for found, counts in (
        (scores.tail(-3), (3, 0, 0)),
        (scores.vstack(scores.head(2)), (0, 2, 0)),
        (changed.head(5).vstack(scores.tail(-5)), (0, 0, 5)),
    ):
        assert count_differences({**wanted, "ACM_Scores_Wide": found}, wanted) == counts
