"""Tags of simulated machines: the nine of a real fan, or any number for benchmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSpec:
    """Model of one tag.

    While running, ``level + load_gain * u + load_squared_gain * u^2 + air_gain * w``, smoothed by a first-order lag,
    plus noise; ``u`` is the load in standard deviations, ``w`` the air temperature about its mean in kelvin.

    Attributes:
        name: Column name.
        kind: Measured quantity, for example temperature.
        level: Running value at mean load and mean air temperature.
        load_gain: Change per standard deviation of the load.
        load_squared_gain: Change with the squared load.
        air_gain: Change per kelvin of air temperature, also at standstill.
        time_constant_hours: Time constant of the lag; 0 for none.
        noise_std: Standard deviation of the noise.
        idle_value: Value at standstill and mean air temperature.
    """

    name: str
    kind: str
    level: float
    load_gain: float = 0.0
    load_squared_gain: float = 0.0
    air_gain: float = 0.0
    time_constant_hours: float = 0.0
    noise_std: float
    idle_value: float = 0.0


# Levels are those of the real fan, so that examples look plausible to its operators.
_FAN_PREFIX = "DEMO.SIM."
FD_FAN_TAGS: tuple[TagSpec, ...] = (
    TagSpec(
        name=_FAN_PREFIX + "06G31_1FD Fan Damper Position",
        kind="position",
        level=36.5,
        load_gain=6.5,
        noise_std=0.9,
        idle_value=0.5,
    ),
    TagSpec(
        name=_FAN_PREFIX + "06I03_1FD Fan Motor Current",
        kind="current",
        level=36.9,
        load_gain=2.5,
        load_squared_gain=0.45,
        noise_std=0.4,
        idle_value=0.13,
    ),
    TagSpec(
        name=_FAN_PREFIX + "06GP34_1FD Fan Outlet Pressure",
        kind="pressure",
        level=0.71,
        load_gain=0.23,
        noise_std=0.09,
        idle_value=-0.02,
    ),
    TagSpec(
        name=_FAN_PREFIX + "06T31_1FD Fan Inlet Temperature",
        kind="temperature",
        level=36,
        air_gain=1,
        time_constant_hours=3,
        noise_std=0.3,
        idle_value=7,
    ),
    TagSpec(
        name=_FAN_PREFIX + "06T32-1_1FD Fan Bearing Temperature",
        kind="temperature",
        level=60.5,
        load_gain=0.6,
        air_gain=0.35,
        time_constant_hours=2.5,
        noise_std=0.3,
        idle_value=1,
    ),
    TagSpec(
        name=_FAN_PREFIX + "06T33-1_1FD Fan Winding Temperature",
        kind="temperature",
        level=45.7,
        load_gain=1.1,
        air_gain=0.8,
        time_constant_hours=4,
        noise_std=0.25,
        idle_value=9,
    ),
    TagSpec(
        name=_FAN_PREFIX + "06T34_1FD Fan Outlet Termperature",
        kind="temperature",
        level=29,
        load_gain=0.8,
        air_gain=0.85,
        time_constant_hours=1.5,
        noise_std=0.4,
        idle_value=4,
    ),
    TagSpec(
        name=_FAN_PREFIX + "FSAA_1FD Fan Left Inlet Flow",
        kind="flow",
        level=300,
        load_gain=48,
        noise_std=8,
        idle_value=-57,
    ),
    TagSpec(
        name=_FAN_PREFIX + "FSAB_1FD Fan Right Inlet Flow",
        kind="flow",
        level=311,
        load_gain=51,
        noise_std=8,
        idle_value=-34,
    ),
)
"""Tags of the real fan, with the misspelling of its historian: imports must cope with such names."""


def make_random_tags(n_tags: int, *, seed: int = 1) -> tuple[TagSpec, ...]:
    """Return tags of a fictitious machine, for benchmarks.

    Args:
        n_tags: Number of tags.
        seed: Seed of the random numbers.
    """
    # Own generator: the tags must not depend on what the caller has drawn before.
    rng = np.random.default_rng(seed)
    kinds = ("flow", "temperature", "current", "pressure", "vibration")
    # Levels differ by two orders of magnitude, as those of real tags do.
    level = rng.uniform(5, 500, n_tags)
    gain = level * rng.uniform(0.02, 0.2, n_tags)
    return tuple(
        TagSpec(
            name=f"TAG{i:03d}_{kind}",
            kind=kind,
            level=float(level[i]),
            load_gain=float(gain[i]),
            air_gain=float(rng.uniform(0.3, 1)) if kind == "temperature" else 0.0,
            time_constant_hours=float(rng.uniform(1, 5)) if kind == "temperature" else 0.0,
            noise_std=float(gain[i] * rng.uniform(0.1, 0.4)),
            idle_value=float(level[i] * 0.01),
        )
        for i, kind in enumerate(kinds[i % len(kinds)] for i in range(n_tags))
    )
