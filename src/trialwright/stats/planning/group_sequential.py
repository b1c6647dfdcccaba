"""Group-sequential designs: bounds for efficacy and futility, and what they cost."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from trialwright.errors import UnusableInputError
from trialwright.stats.planning.path import Path
from trialwright.stats.planning.spending import PARAMETERS, SpendingFunction, spent
from trialwright.stats.results import Floats

BoundKind = Literal[
    "obrien-fleming",
    "pocock",
    "wang-tsiatis",
    "haybittle-peto",
    "obrien-fleming-spending",
    "pocock-spending",
    "hwang-shih-decani",
    "kim-demets",
]
"""`wang-tsiatis` takes Delta, `haybittle-peto` the bound of the interim looks (3 if absent),
`hwang-shih-decani` gamma, `kim-demets` rho. The first three keep their shape when looks are
unequally spaced: bound proportional to information to the power Delta − 1/2."""

SPENDING: Final[dict[str, SpendingFunction]] = {
    "obrien-fleming-spending": "obrien-fleming",
    "pocock-spending": "pocock",
    "hwang-shih-decani": "hwang-shih-decani",
    "kim-demets": "kim-demets",
}
DELTAS: Final = {"obrien-fleming": 0.0, "pocock": 0.5}


@dataclass(frozen=True, slots=True, eq=False)
class Crossing:
    """Chances to cross the bounds at each look.

    Attributes:
        upper, lower: shape (k,).
        drift: the mean of Z at full information.
        information: shape (k,).
    """

    upper: Floats
    lower: Floats
    drift: float
    information: Floats

    @property
    def power(self) -> float:
        """The chance to cross an upper bound."""
        return float(self.upper.sum())

    @property
    def expected_information(self) -> float:
        """The information at which the trial ends, on average, as a fraction of the largest."""
        stops = self.upper + self.lower
        goes_on = 1 - np.concatenate([[0], np.cumsum(stops)[:-1]])
        return float(np.diff(self.information, prepend=0) @ goes_on)


@dataclass(frozen=True, slots=True, eq=False)
class GroupSequentialDesign:
    """Bounds of a one-sided test with several looks.

    Attributes:
        information: shape (k,), fractions rising to one.
        upper: shape (k,): efficacy bounds on the z scale.
        lower: shape (k,): futility bounds, −infinity where there is none.
        alpha: one-sided level.
        alpha_spent: shape (k,): cumulative level spent, without futility stops if they do not bind.
        binding: whether the efficacy bounds rely on the futility bounds being kept.
        kind, parameter: the family of the efficacy bounds.
    """

    information: Floats
    upper: Floats
    lower: Floats
    alpha: float
    alpha_spent: Floats
    binding: bool
    kind: BoundKind
    parameter: float | None

    @property
    def stage_levels(self) -> Floats:
        """One-sided significance levels of the looks, shape (k,)."""
        levels: Floats = special.ndtr(-self.upper)
        return levels

    def crossing(self, drift: float) -> Crossing:
        """Give the chances to cross each bound if Z has mean drift · √information."""
        if not np.isfinite(drift):
            raise UnusableInputError("The drift must be finite")
        return crossing_chances(self.information, self.lower, self.upper, drift)

    def drift(self, power: float) -> float:
        """Give the drift that has a power.

        Raises:
            UnusableInputError: a power that is not between the level and one.
        """
        if not self.alpha < power < 1:
            raise UnusableInputError("Power must lie between the level and one")
        fixed = float(special.ndtri(power) - special.ndtri(self.alpha))
        return float(
            optimize.brentq(
                lambda drift: self.crossing(drift).power - power, fixed / 2, 3 * fixed, xtol=1e-13
            )
        )

    def inflation(self, power: float) -> float:
        """Give the largest information over that of the fixed design with the same power.

        >>> design = efficacy_bounds("obrien-fleming", 3, 0.025)
        >>> round(design.inflation(0.8), 6)
        1.017406
        """
        fixed = float(special.ndtri(power) - special.ndtri(self.alpha))
        return (self.drift(power) / fixed) ** 2


def efficacy_bounds(
    kind: BoundKind,
    looks: int | npt.ArrayLike,
    alpha: float,
    *,
    parameter: float | None = None,
    futility: npt.ArrayLike | None = None,
    binding: bool = True,
) -> GroupSequentialDesign:
    """Give the efficacy bounds of a one-sided test.

    Args:
        kind: the family of bounds.
        looks: number of equally spaced looks, or information fractions (k,) rising to one.
        alpha: one-sided level.
        parameter: of the family, where it has one.
        futility: shape (k − 1,) or (k,): futility bounds on the z scale, for looks before the last.
        binding: whether the efficacy bounds make use of the futility bounds.

    Raises:
        UnusableInputError: settings that do not fit together or can't be met.

    Sources: O'Brien and Fleming, Biometrics 1979;35:549. Pocock, Biometrika 1977;64:191. Wang and
    Tsiatis, Biometrics 1987;43:193. Haybittle, Br J Radiol 1971;44:793. Peto et al., Br J Cancer
    1976;34:585. Spending functions: see `spending`.

    >>> efficacy_bounds("pocock", 3, 0.025).upper.round(4).tolist()
    [2.2895, 2.2895, 2.2895]
    """
    information = information_fractions(looks)
    if kind not in get_args(BoundKind):
        raise UnusableInputError(
            f"Unknown kind of bounds {kind!r}",
            remedy=f"Use one of {', '.join(get_args(BoundKind))}.",
        )
    if not 0 < alpha < 1:
        raise UnusableInputError("The level must lie between 0 and 1")
    if parameter is not None and not np.isfinite(parameter):
        raise UnusableInputError("The parameter of the bounds must be finite")
    lower = np.full(information.size, -np.inf)
    if futility is not None:
        stops = np.asarray(futility, dtype=float)
        if stops.ndim != 1 or stops.size not in {information.size - 1, information.size}:
            raise UnusableInputError("Futility bounds are given for each look before the last")
        lower[:-1] = stops[: information.size - 1]
        if not np.all(lower < np.inf):
            raise UnusableInputError("A futility bound is not a number, or can never be met")
    kept = lower if binding else np.full(information.size, -np.inf)
    upper = upper_bounds(kind, information, kept, alpha, parameter)
    if np.any(upper[:-1] <= lower[:-1]):
        raise UnusableInputError("A futility bound lies above its efficacy bound")
    spent_so_far = np.cumsum(crossing_chances(information, kept, upper, 0.0).upper)
    return GroupSequentialDesign(
        information, upper, lower, alpha, spent_so_far, binding, kind, parameter
    )


def two_bound_design(
    looks: int | npt.ArrayLike,
    alpha: float,
    beta: float,
    *,
    efficacy: BoundKind = "obrien-fleming-spending",
    efficacy_parameter: float | None = None,
    futility: SpendingFunction = "obrien-fleming",
    futility_parameter: float | None = None,
    binding: bool = False,
) -> GroupSequentialDesign:
    """Give efficacy and futility bounds that meet at the last look, spending alpha and beta.

    The drift, and so the inflation, follows from their meeting: `drift(1 − beta)` gives it.

    Args:
        looks: number of equally spaced looks, or information fractions (k,).
        alpha: one-sided level.
        beta: one minus the power.
        efficacy, efficacy_parameter: kind of the efficacy bounds; binding needs a spending kind.
        futility, futility_parameter: spending function of beta.
        binding: whether the efficacy bounds make use of the futility bounds.

    Raises:
        UnusableInputError: settings that do not fit together or can't be met.

    Source: Pampallona, Tsiatis, Kim, Drug Inf J 2001;35:1113.

    >>> design = two_bound_design(3, 0.025, 0.2)
    >>> design.lower.round(3).tolist()
    [-0.236, 1.17, 1.993]
    """
    information = information_fractions(looks)
    if not (0 < beta < 1 - alpha):
        raise UnusableInputError("Beta must lie between 0 and 1 − alpha")
    if binding and efficacy not in SPENDING:
        raise UnusableInputError(
            "Binding futility bounds need efficacy bounds that spend alpha",
            remedy=f"Use one of {', '.join(SPENDING)}.",
        )
    loose = efficacy_bounds(efficacy, information, alpha, parameter=efficacy_parameter)
    spent_beta = np.diff(spent(futility, beta, information, futility_parameter), prepend=0)
    spent_alpha = np.diff(loose.alpha_spent, prepend=0)

    def bounds(drift: float) -> tuple[Floats, Floats, float]:
        null, alternative = Path(information, 0.0), Path(information, drift)
        lower, upper = np.empty(information.size), loose.upper.copy()
        last = information.size - 1
        for look in range(information.size):
            if binding:
                upper[look] = null.bound_above(float(spent_alpha[look]))
            if look < last:
                lower[look] = min(
                    alternative.bound_below(float(spent_beta[look])), upper[look] - 1e-9
                )
                null.go_on(lower[look] if binding else -np.inf, upper[look])
                alternative.go_on(lower[look], upper[look])
        lower[last] = upper[last]
        return lower, upper, alternative.below(upper[last]) - float(spent_beta[last])

    fixed = float(special.ndtri(1 - beta) - special.ndtri(alpha))
    try:
        drift = optimize.brentq(lambda d: bounds(d)[2], 0.5 * fixed, 4 * fixed, xtol=1e-13)
    except ValueError as error:
        raise UnusableInputError("No drift makes these bounds meet at the last look") from error
    lower, upper, _ = bounds(drift)
    return GroupSequentialDesign(
        information,
        upper,
        lower,
        alpha,
        loose.alpha_spent,
        binding,
        efficacy,
        efficacy_parameter,
    )


def crossing_chances(information: Floats, lower: Floats, upper: Floats, drift: float) -> Crossing:
    """Give the chances that Z crosses the bounds at each look, and not before.

    >>> bounds = np.array([2.0, 2.0])
    >>> found = crossing_chances(np.array([0.5, 1.0]), -bounds, bounds, 0.0)
    >>> bool(np.allclose(found.upper, found.lower))
    True
    """
    path = Path(information, drift)
    above, below = np.empty(information.size), np.empty(information.size)
    for look in range(information.size):
        above[look] = path.above(float(upper[look]))
        below[look] = path.below(float(lower[look]))
        if look < information.size - 1:
            path.go_on(float(lower[look]), float(upper[look]))
    return Crossing(above, below, drift, information)


def information_fractions(looks: int | npt.ArrayLike) -> Floats:
    """Give information fractions of equally spaced looks, or check those given."""
    if isinstance(looks, int | np.integer):
        if looks < 1:
            raise UnusableInputError("A design needs at least one look")
        return np.arange(1, looks + 1) / looks
    information = np.asarray(looks, dtype=float)
    if information.ndim != 1 or information.size == 0:
        raise UnusableInputError("Information fractions form a list, one for each look")
    rising = np.all(np.diff(information, prepend=0) > 0)
    if not rising or not np.isclose(information[-1], 1):
        raise UnusableInputError("Information fractions must rise from above 0 to 1")
    return information


def upper_bounds(
    kind: BoundKind, information: Floats, lower: Floats, alpha: float, parameter: float | None
) -> Floats:
    """Give the efficacy bounds of a kind, with all settings as in `efficacy_bounds`, unchecked.

    Shapes: information (k,), lower (k,) with the futility bounds that bind or −infinity.

    >>> no_futility = np.full(2, -np.inf)
    >>> upper_bounds("pocock", np.array([0.5, 1.0]), no_futility, 0.025, None).round(4).tolist()
    [2.1783, 2.1783]
    """
    if kind in SPENDING:
        function = SPENDING[kind]
        value = PARAMETERS.get(function) if parameter is None else parameter
        steps = np.diff(spent(function, alpha, information, value), prepend=0)
        return _spending_bounds(information, lower, steps)
    if kind == "haybittle-peto":
        return _haybittle_peto(
            information, lower, alpha, float(3 if parameter is None else parameter)
        )
    if kind == "wang-tsiatis" and parameter is None:
        raise UnusableInputError("Wang–Tsiatis bounds need their Delta")
    delta = DELTAS.get(kind, parameter)
    shape = information ** (float(delta if delta is not None else 0.0) - 0.5)

    def excess(constant: float) -> float:
        found = crossing_chances(information, lower, constant * shape, 0.0)
        return float(found.upper.sum()) - alpha

    try:
        constant = optimize.brentq(excess, -5, 40, xtol=1e-13)
    except ValueError as error:
        raise UnusableInputError("No bounds of this kind have the level") from error
    bounds: Floats = constant * shape
    return bounds


def _spending_bounds(information: Floats, lower: Floats, steps: Floats) -> Floats:
    path = Path(information, 0.0)
    upper = np.empty(information.size)
    for look, step in enumerate(steps):
        upper[look] = path.bound_above(float(step))
        if look < information.size - 1:
            path.go_on(float(lower[look]), float(upper[look]))
    return upper


def _haybittle_peto(information: Floats, lower: Floats, alpha: float, constant: float) -> Floats:
    path = Path(information, 0.0)
    left = alpha
    for look in range(information.size - 1):
        left -= path.above(constant)
        path.go_on(float(lower[look]), constant)
    if left <= 0:
        raise UnusableInputError("The interim bounds spend the whole level")
    upper = np.full(information.size, constant)
    upper[-1] = path.bound_above(left)
    return upper
