"""Many seeded faults, one after the other, and a table of the outcomes; exit code 1 if a row differs.

python -m chaos --faults 200 --seed 7        in the folder tests; make chaos does that
python -m chaos --faults 5 --only "clock skew"
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import stores
from rich.console import Console
from rich.progress import track
from rich.table import Table

from chaos.faults import FAULTS
from chaos.harness import Outcome, TrialStores


def run_trials(trial_stores: TrialStores, *, faults: int, seed: int, only: Sequence[str] = ()) -> Iterator[Outcome]:
    """Yield the outcomes of a number of faults, each kind in turn, each with random numbers of its own."""
    kinds = [name for name in FAULTS if name in (only or list_possible_kinds())]
    for number in range(faults):
        kind = kinds[number % len(kinds)]
        yield FAULTS[kind](trial_stores, random.Random(f"{seed} {number}"))


def list_possible_kinds() -> list[str]:
    """Kinds of faults that can be tried here: those on the wire need Microsoft's driver."""
    return [name for name in FAULTS if not (name.startswith("server: ") and stores.missing())]


def build_report(outcomes: Sequence[Outcome]) -> Table:
    """A row for each kind of fault."""
    table = Table(title="Faults, and what is stored after the next run", title_justify="left")
    for name in ("fault", "trials", "exit codes", "resumes", "rows lost", "rows doubled", "rows changed", "failed"):
        table.add_column(name, justify="left" if name in ("fault", "exit codes") else "right")
    for kind in dict.fromkeys(outcome.kind for outcome in outcomes):
        found = [outcome for outcome in outcomes if outcome.kind == kind]
        exits = Counter(code for outcome in found for code in outcome.exits)
        counts = ", ".join(f"{code} x {count}" for code, count in sorted(exits.items()))
        sums = [sum(getattr(o, name) for o in found) for name in ("resumes", "lost", "doubled", "changed")]
        failed = sum(not outcome.is_exact for outcome in found)
        table.add_row(kind, str(len(found)), counts, *map(str, sums), str(failed))
    return table


def main() -> int:
    """Run the trials of the command line."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--faults", type=int, default=200, help="how many (default: 200)")
    parser.add_argument("--seed", type=int, default=None, help="of the random numbers (default: a new one, printed)")
    parser.add_argument("--only", action="append", default=[], choices=list(FAULTS), help="these kinds only")
    arguments, console = parser.parse_args(), Console(width=None if sys.stdout.isatty() else 120)
    seed = random.SystemRandom().randrange(2**31) if arguments.seed is None else arguments.seed
    console.print(f"seed {seed} (--seed repeats it)")
    if reason := stores.missing():
        console.print(f"no faults on the wire: {reason}")
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        trials = run_trials(TrialStores(Path(folder)), faults=arguments.faults, seed=seed, only=arguments.only)
        for number, outcome in enumerate(track(trials, total=arguments.faults, console=console, description="faults")):
            outcomes.append(outcome)
            if not outcome.is_exact:
                console.print(f"[red]fault {number}: {outcome}")
    console.print(build_report(outcomes))
    return 0 if all(outcome.is_exact for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
