"""Covariance structures: what a covariance among visits may look like.

All are V = diag(s) R diag(s), with standard deviations s, one for all visits or one each, and
correlations R, but for the unstructured one, whose parameters are the elements of V themselves.
Parameters are log standard deviations and plain correlations: every figure that is reported is the
same for any other choice, except that of the second-order Kenward-Roger method, which is
`kenward_roger`'s concern.

Wolfinger RD. Heterogeneous variance-covariance structures for repeated measures. Journal of
Agricultural, Biological, and Environmental Statistics 1996;1:205-230.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Floats


@dataclass(frozen=True, slots=True)
class Correlation:
    """Correlations and their derivatives by k parameters.

    Attributes:
        value: shape (m, m).
        slope: shape (k, m, m).
        curvature: shape (k, k, m, m).
    """

    value: Floats
    slope: Floats
    curvature: Floats


@dataclass(frozen=True, slots=True)
class Structure:
    """One kind of covariance.

    Attributes:
        name: as given by the user, such as 'ar1h'.
        title: in words.
        heterogeneous: whether each visit has its own standard deviation.
        correlate: correlations from k parameters and the distances between visits, shape (m, m);
            None for the unstructured covariance.
        start: the k parameters nearest to given correlations, shape (m, m), and distances.
        warp: for each of the k parameters, h''/h'² where h maps the parameter that R's mmrm uses to
            ours; see `kenward_roger`.
    """

    name: str
    title: str
    heterogeneous: bool
    correlate: Callable[[Floats, Floats], Correlation] | None = None
    start: Callable[[Floats, Floats], Floats] | None = None
    warp: Callable[[Floats, int], Floats] | None = None

    @property
    def unstructured(self) -> bool:
        """Whether the parameters are the elements on and below the diagonal, row by row."""
        return self.correlate is None

    @property
    def spatial(self) -> bool:
        """Whether correlations decay with the distance between visits."""
        return self.warp is _warp_decay

    def initial(self, covariance: Floats, distance: Floats) -> Floats:
        """Parameters for a covariance like the one given, shape (m, m)."""
        if self.start is None:
            return covariance[np.tril_indices(len(covariance))]
        deviations = np.sqrt(np.diag(covariance))
        correlations = covariance / np.outer(deviations, deviations)
        logs = np.log(deviations)
        scale = logs if self.heterogeneous else np.log(np.mean(deviations**2))[None] / 2
        return np.concatenate([scale, self.start(correlations, distance)])

    def covariance(self, parameters: Floats, distance: Floats) -> Floats:
        """V, shape (m, m)."""
        if self.correlate is None:
            return _symmetric(parameters, len(distance))
        scales, rest = self._split(parameters, len(distance))
        return np.asarray(np.outer(scales, scales) * self.correlate(rest, distance).value)

    def slopes(self, parameters: Floats, distance: Floats) -> Floats:
        """First derivatives of V by each parameter, shape (parameters, m, m)."""
        m = len(distance)
        if self.correlate is None:
            return np.array([_symmetric(row, m) for row in np.eye(len(parameters))])
        scales, rest = self._split(parameters, m)
        outer, found = np.outer(scales, scales), self.correlate(rest, distance)
        by_scale = self._counts(m) * (outer * found.value)
        return np.concatenate([by_scale, outer * found.slope])

    def bends(self, parameters: Floats, distance: Floats) -> Floats:
        """Second derivatives of V, shape (parameters, parameters, m, m)."""
        k, m = len(parameters), len(distance)
        out = np.zeros((k, k, m, m))
        if self.correlate is None:
            return out
        scales, rest = self._split(parameters, m)
        outer, found, counts = (
            np.outer(scales, scales),
            self.correlate(rest, distance),
            self._counts(m),
        )
        s = len(counts)
        out[:s, :s] = counts[:, None] * counts[None] * (outer * found.value)
        out[:s, s:] = counts[:, None] * (outer * found.slope)[None]
        out[s:, :s] = out[:s, s:].transpose(1, 0, 2, 3)
        out[s:, s:] = outer * found.curvature
        return out

    def _split(self, parameters: Floats, m: int) -> tuple[Floats, Floats]:
        count = m if self.heterogeneous else 1
        return np.broadcast_to(np.exp(parameters[:count]), m), parameters[count:]

    def _counts(self, m: int) -> Floats:
        """How often each log standard deviation enters the logarithm of an element of V."""
        if not self.heterogeneous:
            return np.full((1, m, m), 2.0)
        own = np.eye(m)
        return own[:, :, None] + own[:, None, :]


def _symmetric(elements: Floats, m: int) -> Floats:
    out = np.zeros((m, m))
    out[np.tri(m, dtype=bool)] = elements
    return out + out.T - np.diag(np.diag(out))


def _lags(m: int) -> Floats:
    visits = np.arange(m)
    return np.abs(np.subtract.outer(visits, visits)).astype(np.float64)


def _mean_at_lag(correlations: Floats, lag: int) -> float:
    return float(np.clip(np.mean(np.diag(correlations, lag)), -0.9, 0.9))


def _common(parameters: Floats, distance: Floats) -> Correlation:
    m = len(distance)
    apart = 1 - np.eye(m)
    return Correlation(
        np.eye(m) + parameters[0] * apart, apart[None], np.zeros((1, 1, m, m))
    )  # fmt: skip


def _start_common(correlations: Floats, distance: Floats) -> Floats:
    m = len(distance)
    mean = (correlations.sum() - m) / max(m * (m - 1), 1)
    return np.array([max(mean, -0.9 / max(m - 1, 1))])


def _power(base: float, exponent: Floats) -> Correlation:
    """base ** exponent with derivatives by the base; an exponent of zero gives one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(exponent == 0, 1.0, np.power(base, exponent))
        slope = np.where(exponent == 0, 0.0, exponent * np.power(base, exponent - 1))
        steep = exponent * (exponent - 1)
        bend = np.where(steep == 0, 0.0, steep * np.power(base, exponent - 2))
    return Correlation(value, slope[None], bend[None, None])


def _autoregressive(parameters: Floats, distance: Floats) -> Correlation:
    return _power(float(parameters[0]), _lags(len(distance)))


def _start_autoregressive(correlations: Floats, _distance: Floats) -> Floats:
    return np.array([_mean_at_lag(correlations, 1)])


def _toeplitz(parameters: Floats, distance: Floats) -> Correlation:
    m = len(distance)
    slope = np.array([(_lags(m) == lag).astype(np.float64) for lag in range(1, m)])
    slope = slope.reshape(m - 1, m, m)
    value = np.eye(m) + np.tensordot(parameters, slope, axes=1)
    return Correlation(value, slope, np.zeros((m - 1, m - 1, m, m)))


def _start_toeplitz(correlations: Floats, distance: Floats) -> Floats:
    return np.array([_mean_at_lag(correlations, lag) for lag in range(1, len(distance))])


def _ante_dependent(parameters: Floats, distance: Floats) -> Correlation:
    m = len(distance)
    low, high = np.minimum.outer(np.arange(m), np.arange(m)), np.maximum.outer(*[np.arange(m)] * 2)
    steps = np.arange(m - 1)[:, None, None]
    crossed = (low <= steps) & (steps < high)  # which steps lie between two visits

    def product(without: list[int]) -> Floats:
        factors = np.where(crossed, parameters[:, None, None], 1.0)
        factors[without] = 1.0
        kept = np.prod(factors, axis=0)
        return np.where(crossed[without].all(axis=0), kept, 0.0) if without else kept

    slope = np.array([product([k]) for k in range(m - 1)])
    curvature = np.zeros((m - 1, m - 1, m, m))
    for k in range(m - 1):
        for j in range(k):
            curvature[k, j] = curvature[j, k] = product([j, k])
    return Correlation(product([]), slope.reshape(m - 1, m, m), curvature)


def _start_ante_dependent(correlations: Floats, _distance: Floats) -> Floats:
    return np.clip(np.diag(correlations, 1), -0.95, 0.95)


def _spatial_exponential(parameters: Floats, distance: Floats) -> Correlation:
    """exp(-distance * exp(parameter)), so that the decay stays positive."""
    decay = np.exp(parameters[0])
    scaled = distance * decay
    value = np.exp(-scaled)
    return Correlation(value, (-scaled * value)[None], (scaled * (scaled - 1) * value)[None, None])


def _spatial_gaussian(parameters: Floats, distance: Floats) -> Correlation:
    return _spatial_exponential(parameters, distance**2)


def _start_spatial_gaussian(correlations: Floats, distance: Floats) -> Floats:
    return _start_spatial_exponential(correlations, distance**2)


def _warp_root(correlation: Floats, _visits: int) -> Floats:
    """h = t / sqrt(1 + t²)."""
    return -3 * correlation / (1 - correlation**2)


def _warp_common(correlation: Floats, visits: int) -> Floats:
    """h = (1 + a) / (1 + exp(-t)) - a, with a = 1 / (visits - 1)."""
    a = 1 / (visits - 1)
    share = (correlation + a) / (1 + a)
    return (1 - 2 * share) / ((1 + a) * share * (1 - share))


def _warp_decay(log_decay: Floats, _visits: int) -> Floats:
    """h = log(-log(1 / (1 + exp(-t))))."""
    base = np.exp(-np.exp(log_decay))
    return np.asarray(-(base * np.log(base) + 1 - base) / (1 - base))


def _start_spatial_exponential(correlations: Floats, distance: Floats) -> Floats:
    apart = distance > 0
    clipped = np.clip(correlations[apart], 0.05, 0.98)
    return np.log([np.median(-np.log(clipped) / distance[apart])]) if apart.any() else np.zeros(1)


Correlate = Callable[[Floats, Floats], Correlation]
Start = Callable[[Floats, Floats], Floats]
Warp = Callable[[Floats, int], Floats]


def _family(
    name: str, title: str, correlate: Correlate, start: Start, warp: Warp
) -> list[Structure]:
    return [
        Structure(name, title, False, correlate, start, warp),
        Structure(f"{name}h", f"heterogeneous {title}", True, correlate, start, warp),
    ]


def _spatial(name: str, title: str, correlate: Correlate, start: Start) -> Structure:
    return Structure(name, f"spatial {title}", False, correlate, start, _warp_decay)


STRUCTURES: Final[Mapping[str, Structure]] = {
    each.name: each
    for each in [
        Structure("us", "unstructured", True),
        *_family("cs", "compound symmetry", _common, _start_common, _warp_common),
        *_family(
            "ar1",
            "first-order autoregressive",
            _autoregressive,
            _start_autoregressive,
            _warp_root,
        ),
        *_family("toep", "Toeplitz", _toeplitz, _start_toeplitz, _warp_root),
        *_family("ad", "ante-dependence", _ante_dependent, _start_ante_dependent, _warp_root),
        _spatial("sp_exp", "exponential", _spatial_exponential, _start_spatial_exponential),
        _spatial("sp_gau", "Gaussian", _spatial_gaussian, _start_spatial_gaussian),
    ]
}


def structure_named(name: str) -> Structure:
    """The structure of that name; 'ar1' and 'AR1', 'unstructured' and 'us' are the same."""
    wanted = name.strip().lower()
    for each in STRUCTURES.values():
        if wanted in (each.name, each.title.lower()):
            return each
    raise UnusableInputError(
        f"{name!r} is no covariance structure",
        remedy="; ".join(f"{each.name} ({each.title})" for each in STRUCTURES.values()),
    )
