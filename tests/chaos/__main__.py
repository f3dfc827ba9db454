"""Many seeded faults, one after the other, and a table of what came of them; exit code 1 where a row is amiss.

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
from chaos.harness import Outcome, Scene


def trials(scene: Scene, *, faults: int, seed: int, only: Sequence[str] = ()) -> Iterator[Outcome]:
    """Outcomes of so many faults, each kind in turn, each with dice of its own."""
    kinds = [name for name in FAULTS if name in (only or possible())]
    for number in range(faults):
        kind = kinds[number % len(kinds)]
        yield FAULTS[kind](scene, random.Random(f"{seed} {number}"))


def possible() -> list[str]:
    """Kinds of faults that can be tried here: those on the wire need Microsoft's driver."""
    return [name for name in FAULTS if not (name.startswith("server: ") and stores.missing())]


def report(outcomes: Sequence[Outcome]) -> Table:
    """A row for each kind of fault."""
    table = Table(title="Faults, and what is stored after the next run", title_justify="left")
    for name in ("fault", "trials", "exit codes", "resumes", "rows lost", "rows doubled", "rows changed", "amiss"):
        table.add_column(name, justify="left" if name in ("fault", "exit codes") else "right")
    for kind in dict.fromkeys(outcome.fault for outcome in outcomes):
        found = [outcome for outcome in outcomes if outcome.fault == kind]
        exits = Counter(code for outcome in found for code in outcome.exits)
        said = ", ".join(f"{code} x {count}" for code, count in sorted(exits.items()))
        sums = [sum(getattr(o, name) for o in found) for name in ("resumes", "lost", "doubled", "changed")]
        amiss = sum(not outcome.well for outcome in found)
        table.add_row(kind, str(len(found)), said, *map(str, sums), str(amiss))
    return table


def main() -> int:
    """Run the trials of the command line."""
    words = argparse.ArgumentParser(prog="python -m chaos", description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--faults", type=int, default=200, help="how many (default: 200)")
    words.add_argument("--seed", type=int, default=None, help="of the dice (default: thrown and printed)")
    words.add_argument("--only", action="append", default=[], choices=list(FAULTS), help="these kinds only")
    asked, console = words.parse_args(), Console(width=None if sys.stdout.isatty() else 120)
    seed = random.SystemRandom().randrange(2**31) if asked.seed is None else asked.seed
    console.print(f"seed {seed} (--seed repeats it)")
    if reason := stores.missing():
        console.print(f"no faults on the wire: {reason}")
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        made = trials(Scene(Path(folder)), faults=asked.faults, seed=seed, only=asked.only)
        for number, outcome in enumerate(track(made, total=asked.faults, console=console, description="faults")):
            outcomes.append(outcome)
            if not outcome.well:
                console.print(f"[red]fault {number}: {outcome}")
    console.print(report(outcomes))
    return 0 if all(outcome.well for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
