"""Normal distribution: probabilities and quantiles by rational approximations.

``scipy.special`` has the same functions. Importing it takes 0.3 s of CPU, as long as scoring a day of a machine, and
nothing else of SciPy is used. The differences are below 2e-15; tests/score/test_normal.py compares both.
"""

from __future__ import annotations

import math

import numpy as np

from acm_etl.score.arrays import Floats

_SQRT_2PI = math.sqrt(2 * math.pi)
# Hart (1968), approximation 5666, as published by West (2005), "Better approximations to cumulative normal functions".
# Of all polynomials here, the coefficient of the highest power comes first.
_CDF_NUMERATOR = (
    3.52624965998911e-2,
    0.700383064443688,
    6.37396220353165,
    33.912866078383,
    112.079291497871,
    221.213596169931,
    220.206867912376,
)
_CDF_DENOMINATOR = (
    8.83883476483184e-2,
    1.75566716318264,
    16.064177579207,
    86.7807322029461,
    296.564248779674,
    637.333633378831,
    793.826512519948,
    440.413735824752,
)
_CDF_TAIL_BEGIN = 7.07106781186547
# Wichura (1988), algorithm AS 241, PPND16: a numerator and a denominator for each of three ranges.
_CENTER = (
    (
        2509.0809287301226727,
        33430.575583588128105,
        67265.770927008700853,
        45921.953931549871457,
        13731.693765509461125,
        1971.5909503065514427,
        133.14166789178437745,
        3.387132872796366608,
    ),
    (
        5226.495278852854561,
        28729.085735721942674,
        39307.89580009271061,
        21213.794301586595867,
        5394.1960214247511077,
        687.1870074920579083,
        42.313330701600911252,
        1.0,
    ),
)
_TAIL = (
    (
        7.7454501427834140764e-4,
        0.0227238449892691845833,
        0.24178072517745061177,
        1.27045825245236838258,
        3.64784832476320460504,
        5.7694972214606914055,
        4.6303378461565452959,
        1.42343711074968357734,
    ),
    (
        1.05075007164441684324e-9,
        5.475938084995344946e-4,
        0.0151986665636164571966,
        0.14810397642748007459,
        0.68976733498510000455,
        1.6763848301838038494,
        2.05319162663775882187,
        1.0,
    ),
)
_FAR_TAIL = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        0.0012426609473880784386,
        0.026532189526576123093,
        0.29656057182850489123,
        1.7848265399172913358,
        5.4637849111641143699,
        6.6579046435011037772,
    ),
    (
        2.04426310338993978564e-15,
        1.4215117583164458887e-7,
        1.8463183175100546818e-5,
        7.868691311456132591e-4,
        0.0148753612908506148525,
        0.13692988092273580531,
        0.59983220655588793769,
        1.0,
    ),
)
_CENTER_HALF_WIDTH = 0.425
_LOG_TAIL_BEGIN = math.log(0.5 - _CENTER_HALF_WIDTH)
# From here on, the approximations of AS 241 end, and the asymptotic series is exact to all digits.
_LOG_ASYMPTOTE_BEGIN = -700.0
_ASYMPTOTE_BEGIN_Z = 37.0


def normal_cdf(z: Floats) -> Floats:
    """Return P(Z <= z), with an absolute error below 1e-15."""
    return normal_cdf_and_density(z)[0]


def normal_cdf_and_density(z: Floats) -> tuple[Floats, Floats]:
    """Return P(Z <= z) and the density at z; together they cost one exponential per value."""
    distance = np.abs(z)
    density = np.exp(-0.5 * distance * distance)
    # The smaller of both tails. Clipped, so that the polynomials stay finite where the density is zero.
    near = np.minimum(distance, _CDF_TAIL_BEGIN)
    survival = density * _evaluate_polynomial(_CDF_NUMERATOR, near) / _evaluate_polynomial(_CDF_DENOMINATOR, near)
    is_far = distance > _CDF_TAIL_BEGIN
    if is_far.any():
        far = distance[is_far]
        fraction = far + 1 / (far + 2 / (far + 3 / (far + 4 / (far + 0.65))))
        survival[is_far] = density[is_far] / (fraction * _SQRT_2PI)
    return np.where(z > 0, 1 - survival, survival), density / _SQRT_2PI


def normal_quantile(probability: float) -> float:
    """Return the z with P(Z <= z) = ``probability``, which lies between 0 and 1 exclusive."""
    center = probability - 0.5
    if abs(center) <= _CENTER_HALF_WIDTH:
        return float(_central_quantile(np.array(center)))
    tail = float(upper_quantile_of_log(np.array([math.log(min(probability, 1 - probability))]))[0])
    return math.copysign(tail, center)


def upper_quantile_of_log(log_survival: Floats) -> Floats:
    """Return the z with log P(Z > z) = ``log_survival``, n to n.

    Args:
        log_survival: Logarithms of probabilities up to 0.925. They may be far below that of the smallest float.
    """
    z = np.empty_like(log_survival)
    is_center, is_beyond = log_survival > _LOG_TAIL_BEGIN, log_survival < _LOG_ASYMPTOTE_BEGIN
    z[is_center] = -_central_quantile(np.exp(log_survival[is_center]) - 0.5)
    root = np.sqrt(-log_survival)
    is_far = (root > 5) & ~is_beyond
    is_near = ~is_center & ~is_beyond & ~is_far
    z[is_near] = _divide_polynomials(_TAIL, root[is_near] - 1.6)
    z[is_far] = _divide_polynomials(_FAR_TAIL, root[is_far] - 5)
    z[is_beyond] = _invert_asymptote(log_survival[is_beyond])
    return z


def log_upper_probability(z: float) -> float:
    """Return log P(Z > z), also where the probability itself is smaller than any float."""
    if z < 0:
        return math.log1p(-math.erfc(-z / math.sqrt(2)) / 2)
    if z < _ASYMPTOTE_BEGIN_Z:
        return math.log(math.erfc(z / math.sqrt(2)) / 2)
    return float(_log_asymptote(np.array(z)))


def _central_quantile(center: Floats) -> Floats:
    """Return the quantiles of probabilities ``0.5 + center``, at most 0.425 from the middle."""
    return center * _divide_polynomials(_CENTER, _CENTER_HALF_WIDTH**2 - center * center)


def _invert_asymptote(log_survival: Floats) -> Floats:
    """Return the z of probabilities below 1e-304, by Newton's method."""
    z = np.sqrt(-2 * log_survival)
    # The start is at most 0.1 too high; the error is squared by each step.
    for _ in range(3):
        # Derivative of the logarithm: minus density by survival, which is z + 1 / z for large z.
        z = z + (_log_asymptote(z) - log_survival) / (z + 1 / z)
    return z


def _log_asymptote(z: Floats) -> Floats:
    """Return log P(Z > z) for large z (Abramowitz and Stegun 1964, 26.2.12)."""
    inverse_square = 1 / (z * z)
    series = _evaluate_polynomial((105.0, -15.0, 3.0, -1.0, 0.0), inverse_square)
    return -0.5 * z * z - np.log(z * _SQRT_2PI) + np.log1p(series)


def _divide_polynomials(polynomials: tuple[tuple[float, ...], tuple[float, ...]], x: Floats) -> Floats:
    numerator, denominator = polynomials
    return _evaluate_polynomial(numerator, x) / _evaluate_polynomial(denominator, x)


def _evaluate_polynomial(coefficients: tuple[float, ...], x: Floats) -> Floats:
    """Return the values of a polynomial by Horner's rule; numpy's polyval needs twice the time for small arrays."""
    value = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value *= x
        value += coefficient
    return value
