"""Benchmarks: ratios of rounds, gates that noise cannot fail, and results that survive a file."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench"


@pytest.fixture
def bench(monkeypatch):
    """Load a module of bench, which is no package."""
    monkeypatch.syspath_prepend(str(BENCH))
    return importlib.import_module


def comparison(bench, ours, theirs, *, load=0.0, units=(100, 100), skipped=None):
    """Return a comparison of two candidates from their CPU seconds in each round."""
    measure, results = bench("measure"), bench("results")
    measurements = [
        measure.Measurement(name, count, [measure.Usage(cpu, 2 * cpu, 10 * cpu) for cpu in seconds])
        for name, count, seconds in zip(("ours", "theirs"), units, (ours, theirs), strict=True)
    ]
    return results.Comparison("publish", "title", "rows", measurements, skipped or {}, load)


def outcome(bench, found, **limits):
    gates = bench("gates")
    (result,) = gates.check_gates(found, [gates.Gate("theirs", **limits)])
    return result.outcome.value


def test_ratio_is_formed_within_each_round(bench):
    # the second round ran on a machine that was ten times slower for both
    ratio = comparison(bench, [1, 10, 1], [3, 30, 3]).compute_ratio("theirs", bench("results").cpu_per_unit)
    assert (ratio.median, ratio.low, ratio.high, ratio.rounds) == pytest.approx((3, 3, 3, 3))


def test_ratio_is_per_unit(bench):
    found = comparison(bench, [1], [1], units=(1_000, 10))
    assert found.compute_ratio("theirs", bench("results").cpu_per_unit).median == 100


def test_ratio_is_formed_with_the_reference_that_a_candidate_names(bench):
    measure, results = bench("measure"), bench("results")
    found = results.Comparison(
        "x",
        "",
        "rows",
        [
            measure.Measurement(name, 1, [measure.Usage(cpu, cpu, cpu)], reference)
            for name, cpu, reference in (("a", 1, ""), ("b", 2, ""), ("b of others", 6, "b"), ("lost", 1, "absent"))
        ],
    )
    ratios = [found.compute_ratio(one.name, results.cpu_per_unit) for one in found.measurements]
    assert [ratio and ratio.median for ratio in ratios] == [1, 2, 3, None]


@pytest.mark.parametrize(
    ("theirs", "limits", "expected"),
    [
        ([3, 3, 3], {"at_least": 2}, "passed"),
        ([1.9, 1.9, 2.1], {"at_least": 2}, "passed"),  # one round reaches the limit: noise cannot be excluded
        ([1.9, 1.9, 1.9], {"at_least": 2}, "FAILED"),
        ([1.2, 1.2, 1.0], {"at_most": 1.1}, "passed"),
        ([1.2, 1.2, 1.2], {"at_most": 1.1}, "FAILED"),
    ],
)
def test_gate_fails_where_all_rounds_are_beyond_the_limit(bench, theirs, limits, expected):
    assert outcome(bench, comparison(bench, [1, 1, 1], theirs), **limits) == expected


@pytest.mark.parametrize(("ratio", "expected"), [(1.2, "passed"), (1.5, "FAILED")])
def test_few_rounds_have_a_wider_interval(bench, ratio, expected):
    assert outcome(bench, comparison(bench, [1], [ratio]), at_most=1.1) == expected


def test_memory_of_few_rounds_is_taken_as_measured(bench):
    found = comparison(bench, [1], [1.2])
    assert outcome(bench, found, at_most=1.1, kind=bench("gates").Kind.MEMORY) == "FAILED"


@pytest.mark.parametrize(("load", "expected"), [(0.1, "FAILED"), (3.0, "skipped")])
def test_elapsed_seconds_are_judged_on_a_quiet_machine(bench, load, expected):
    found = comparison(bench, [1, 1, 1], [2, 2, 2], load=load)
    assert outcome(bench, found, at_most=1.1, kind=bench("gates").Kind.WALL) == expected


@pytest.mark.parametrize(("skipped", "expected"), [({"other": "not installed"}, "skipped"), ({}, "FAILED")])
def test_gate_of_a_candidate_that_was_not_measured(bench, skipped, expected):
    gates = bench("gates")
    found = comparison(bench, [1], [1], skipped=skipped)
    (result,) = gates.check_gates(found, [gates.Gate("other", at_least=2)])
    assert result.outcome.value == expected


def test_candidates_take_turns_in_alternating_order(bench):
    measure = bench("measure")
    order = []
    candidates = [measure.Candidate.from_call(name, 1, lambda name=name: order.append(name)) for name in ("a", "b")]
    found = measure.interleave(candidates, 2, warm_up=True)
    assert order == ["a", "b", "a", "b", "b", "a"]
    assert [(one.name, len(one.usages)) for one in found] == [("a", 2), ("b", 2)]


def test_setup_is_not_measured(bench):
    measure = bench("measure")

    def set_up():
        sum(range(3_000_000))
        return lambda: None

    usage = measure.Candidate.from_setup("x", 1, set_up).run()
    assert usage.cpu_seconds < measure.measure_call(set_up).cpu_seconds


def test_command_is_measured_with_its_children(bench):
    measure = bench("measure")
    busy = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(5_000_000))'])"
    usage, output = measure.measure_command([sys.executable, "-c", f"{busy}; print(7)"], {})
    idle, _ = measure.measure_command([sys.executable, "-c", "import subprocess"], {})
    assert output == "7\n"
    assert usage.cpu_seconds > idle.cpu_seconds
    assert usage.peak_mib > 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts the peak of the process that starts a command")
def test_memory_of_a_command_is_not_that_of_the_benchmark(bench):
    resource = pytest.importorskip("resource")
    released = len(b"x" * 300_000_000) / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    usage, _ = bench("measure").measure_command([sys.executable, "-c", "pass"], {})
    assert usage.peak_mib < peak - released / 2


def test_failed_command_is_reported_with_its_error(bench):
    with pytest.raises(SystemExit, match=r"(?s)exit code 3.*broken"):
        bench("measure").measure_command(
            [sys.executable, "-c", "import sys; print('broken', file=sys.stderr); sys.exit(3)"], {}
        )


def test_results_survive_a_file(bench, tmp_path):
    results = bench("results")
    found = comparison(bench, [1, 2], [3, 4], load=0.5)
    results.write_results(tmp_path / "results" / "x.json", {"commit": "abc"}, [found])
    assert results.read_results(tmp_path / "results" / "x.json") == ({"commit": "abc"}, [found])


def test_every_gate_names_a_known_limit(bench):
    registry = bench("registry")
    for name, benchmark in registry.BENCHMARKS.items():
        assert benchmark.title, name
        for gate in benchmark.gates:
            assert gate.at_least > 0 or gate.at_most < float("inf"), (name, gate)


@pytest.mark.slow
def test_benchmark_runs_as_a_command(tmp_path):
    target = tmp_path / "result.json"
    command = [sys.executable, str(BENCH / "run.py"), "--only", "features", "--rounds", "1", "--out", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    (found,) = json.loads(target.read_text(encoding="utf-8"))["comparisons"]
    assert [one["name"] for one in found["measurements"]] == ["acm_etl", "Polars, rolling", "pandas, rolling"]


@pytest.mark.slow
def test_unknown_benchmark_is_refused():
    command = [sys.executable, str(BENCH / "run.py"), "--only", "speed"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no benchmark speed; there are pull" in done.stderr


def test_stored_result_reaches_the_rate_that_the_audit_recommends(bench):
    """Ten thousand rows a second, so a hundred thousand in ten: in the result that the documentation quotes."""
    _, comparisons = bench("results").read_results(BENCH / "measured.json")
    (found,) = (one for one in comparisons if one.benchmark == "publish")
    ours = found.find("acm_etl")
    assert ours.units >= 100_000
    assert all(ours.units / usage.wall_seconds >= 10_000 for usage in ours.usages)
