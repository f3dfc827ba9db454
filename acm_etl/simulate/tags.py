"""What a simulated machine measures: the nine tags of the real fan, or as many as a benchmark wants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One measured quantity: ``level + load * u + curve * u^2 + air * w``, smoothed by inertia, plus noise.

    Attributes:
        name: Column name.
        kind: What it measures.
        level: Running value at mean load and mean air temperature.
        load: Change per standard deviation of the load ``u``.
        curve: Change with the squared load.
        air: Change per kelvin of air temperature ``w``.
        hours: Time constant, hours; 0 follows at once.
        noise: Standard deviation of the noise.
        idle: Value at standstill and mean air temperature, where it follows the air at ``air``, too.
    """

    name: str
    kind: str
    level: float
    load: float = 0.0
    curve: float = 0.0
    air: float = 0.0
    hours: float = 0.0
    noise: float
    idle: float = 0.0


_FAN = "DEMO.SIM."
FD_FAN: tuple[Tag, ...] = (
    Tag(name=_FAN + "06G31_1FD Fan Damper Position", kind="position", level=36.5, load=6.5, noise=0.9, idle=0.5),
    Tag(
        name=_FAN + "06I03_1FD Fan Motor Current",
        kind="current", level=36.9, load=2.5, curve=0.45, noise=0.4, idle=0.13,
    ),
    Tag(name=_FAN + "06GP34_1FD Fan Outlet Pressure", kind="pressure", level=0.71, load=0.23, noise=0.09, idle=-0.02),
    Tag(name=_FAN + "06T31_1FD Fan Inlet Temperature", kind="temperature", level=36, air=1, hours=3, noise=0.3, idle=7),
    Tag(
        name=_FAN + "06T32-1_1FD Fan Bearing Temperature",
        kind="temperature", level=60.5, load=0.6, air=0.35, hours=2.5, noise=0.3, idle=1,
    ),
    Tag(
        name=_FAN + "06T33-1_1FD Fan Winding Temperature",
        kind="temperature", level=45.7, load=1.1, air=0.8, hours=4, noise=0.25, idle=9,
    ),
    Tag(
        name=_FAN + "06T34_1FD Fan Outlet Termperature",
        kind="temperature", level=29, load=0.8, air=0.85, hours=1.5, noise=0.4, idle=4,
    ),
    Tag(name=_FAN + "FSAA_1FD Fan Left Inlet Flow", kind="flow", level=300, load=48, noise=8, idle=-57),
    Tag(name=_FAN + "FSAB_1FD Fan Right Inlet Flow", kind="flow", level=311, load=51, noise=8, idle=-34),
)  # fmt: skip
"""The nine tags of the real fan, misspelling included."""


def plant(n_tags: int, *, seed: int = 1) -> tuple[Tag, ...]:
    """Tags of a made-up machine of any size, for benchmarks."""
    rng = np.random.default_rng(seed)
    kinds = ("flow", "temperature", "current", "pressure", "vibration")
    level = rng.uniform(5, 500, n_tags)
    gain = level * rng.uniform(0.02, 0.2, n_tags)
    return tuple(
        Tag(
            name=f"TAG{i:03d}_{kind}",
            kind=kind,
            level=float(level[i]),
            load=float(gain[i]),
            air=float(rng.uniform(0.3, 1)) if kind == "temperature" else 0.0,
            hours=float(rng.uniform(1, 5)) if kind == "temperature" else 0.0,
            noise=float(gain[i] * rng.uniform(0.1, 0.4)),
            idle=float(level[i] * 0.01),
        )
        for i, kind in enumerate(kinds[i % len(kinds)] for i in range(n_tags))
    )
