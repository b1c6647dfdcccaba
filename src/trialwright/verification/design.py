"""Cases of trial design: group-sequential bounds, sample sizes, multi-arm trials."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any, Final

import numpy as np
from scipy import special

from trialwright.stats.planning import (
    GroupSequentialDesign,
    IntersectionTest,
    RateTest,
    SimulatedArms,
    StagewiseInference,
    SurvivalSize,
    analyze_arms,
    conditional_power,
    crossover_power,
    crossover_size,
    efficacy_bounds,
    events_size,
    means_size,
    rate_test_power,
    rate_z,
    rates_at_looks,
    rates_size,
    rates_size_arcsine,
    simulate_arms,
    survival_size,
)
from trialwright.stats.planning.stagewise import difference_where
from trialwright.stats.results import Floats
from trialwright.verification.bounds import alpha, design, efficacy, futility, power, two_bounds
from trialwright.verification.cases import Case
from trialwright.verification.compare import Approximate, Method

ROOT_STOP: Final = 2e-6
"""Where rpact's root search for repeated p-values stops."""

TRIALS: Final = 100_000


def _bounds(case: Case) -> Mapping[str, Any]:
    if "binding_two_looks_z" in case.expect or "beta_spending_futility_z" in case.expect:
        return _futility(case)
    found = design(case, 3)
    powers = [key.removeprefix("inflation_power_") for key in case.expect if "inflation" in key]
    goal = float(powers[0]) if powers else power(case)

    def average(drift: float) -> float:
        return found.crossing(drift).expected_information * found.inflation(goal)

    return {
        "z": found.upper,
        "futility_z": found.lower[:-1],
        "stage_p": found.stage_levels,
        "alpha_spent": found.alpha_spent,
        f"inflation_power_{goal:g}": lambda: found.inflation(goal),
        "average_sample_number_H1": lambda: average(found.drift(goal)),
        "average_H0": lambda: average(0.0),
        "power": lambda: found.crossing(found.drift(goal)).power,
    }


def _futility(case: Case) -> Mapping[str, Any]:
    """Binding at z = 0 after the first of two looks; and spending beta over three looks."""

    def stopping() -> GroupSequentialDesign:
        kind, parameter = efficacy(case, "asOF")
        stops = case.first("futility", default=[0.0])
        return efficacy_bounds(kind, 2, alpha(case), parameter=parameter, futility=stops)

    @cache
    def spending() -> GroupSequentialDesign:
        # the words of such a case may be about both designs
        return two_bounds(replace(case, what=""), 3, "asOF")

    return {
        "binding_two_looks_z": lambda: stopping().upper,
        "beta_spending_efficacy_z": lambda: spending().upper,
        "beta_spending_futility_z": lambda: spending().lower[:-1],
    }


def _two_bound(case: Case) -> Mapping[str, Any]:
    """With Hwang, Shih and DeCani's futility bounds if none are named, as gsDesign has them."""
    spec = dict(case.spec)
    if futility(case) is None and case.first("test_type") not in {1, 2}:
        spec["sfl"] = "HSD"
    found = design(replace(case, spec=spec), 3, "LDOF")
    drift, inflation = found.drift(power(case)), found.inflation(power(case))
    crossings = [found.crossing(part * drift) for part in (0, 0.5, 1)]
    return {
        "upper_z": found.upper,
        "lower_z": found.lower,
        "inflation": inflation,
        "upper_cross": np.stack([each.upper for each in crossings], axis=1),
        "lower_cross": np.stack([each.lower for each in crossings], axis=1),
        "expected_n_over_fixed": [inflation * each.expected_information for each in crossings],
    }


def _sample_size_rates(case: Case) -> Mapping[str, Any]:
    rates = float(case.setting("p1")), float(case.setting("p0"))
    goal = power(case)
    size = partial(rates_size, *rates, alpha=alpha(case), power=goal)
    two = design(case, 2)
    largest = size().total * two.inflation(goal)
    share = two.crossing(two.drift(goal)).expected_information
    ratios = {
        key: size(ratio=float(parts[1])).total
        for key in case.expect
        if (parts := re.fullmatch(r"total_ratio_([\d.]+)_to_1", key))
    }
    return {
        "total_pooled_variance": size().total,
        "per_arm_power_prop_test": size().groups[1],
        "farrington_manning_gsDesign": size().groups,
        "two_look_asOF_max": largest,
        "two_look_expected_H1": largest * share,
        "fleiss_continuity_per_arm": size(continuity=True).groups[1],
        "arcsine_per_arm": rates_size_arcsine(*rates, alpha=alpha(case), power=goal).groups[1],
        **ratios,
    }


def _exact_power(case: Case) -> Mapping[str, Any]:
    size = int(case.setting("n_per_arm"))
    control, rate = float(case.setting("p0")), float(case.setting("p1"))
    tests: Mapping[str, RateTest] = {
        "fisher": "fisher",
        "z_pooled": "z-pooled",
        "z_unpooled": "z-unpooled",
        "boschloo": "boschloo",
    }

    def chance(test: RateTest, truth: float) -> Callable[[], float]:
        return lambda: rate_test_power(test, truth, control, size, size, alpha=alpha(case))

    powers = {f"{name}_power": chance(test, rate) for name, test in tests.items()}
    sizes = {f"{name}_size": chance(test, control) for name, test in tests.items()}
    return {**powers, **sizes}


def _means_survival(case: Case) -> Mapping[str, Any]:
    """Survival with rpact's months if the spec names none: median, accrual and follow-up of 12."""
    goal: dict[str, Any] = {"alpha": alpha(case), "power": power(case)}
    goal["ratio"] = float(case.spec.get("ratio", 1))
    times = {name: float(case.spec.get(name, 12)) for name in ("accrual", "follow_up")}
    median = float(case.spec.get("median", 12))

    def means(*, known: bool) -> float:
        effect = float(case.setting("delta")), float(case.setting("sd"))
        return means_size(*effect, known_variance=known, **goal).total

    def events(*, freedman: bool) -> float:
        return events_size(float(case.setting("hr")), freedman=freedman, **goal)

    def survival() -> SurvivalSize:
        ratio = float(case.setting("hr"))
        return survival_size(ratio, control_median=median, **times, **goal)

    return {
        "total_t": lambda: means(known=False),
        "total_normal": lambda: means(known=True),
        "events_schoenfeld": lambda: events(freedman=False),
        "events_freedman": lambda: events(freedman=True),
        "subjects": lambda: survival().participants,
        "analysis_time": lambda: [[survival().duration]],
    }


def _crossover(case: Case) -> Mapping[str, Any]:
    """Keys say what is asked: n_power_0.8, power_at_30."""
    effect = float(case.setting("delta")), float(case.setting("sd_within"))
    figures: dict[str, Any] = {}
    for key in case.expect:
        if key.startswith("n_power_"):
            goal = float(key.removeprefix("n_power_"))
            figures[key] = crossover_size(*effect, alpha=alpha(case), power=goal)
        elif key.startswith("power_at_"):
            size = float(key.removeprefix("power_at_"))
            figures[key] = crossover_power(*effect, size, alpha=alpha(case))
    return figures


def _conditional_power(case: Case) -> Mapping[str, Any]:
    """Under the estimate, no effect and the planned effect; the fixed design has 200 participants.

    Thetas are effects per square root of a participant, as gsDesign counts information. With more
    than one look to come, the chances are those of each, by look and theta.
    """
    goal, named = power(case), case.first("z", "zi", default=case.said(r"\bz = (-?[\d.]+)"))
    z = float(case.setting("z") if named is None else named)
    fixed = float(case.first("n_fix", "fixed_n") or case.said(r"fixed n (\d+)") or 200)
    found, look = design(case, 2), int(case.first("look", "i", default=1))
    sizes = fixed * found.inflation(goal) * found.information
    planned = found.drift(goal) / np.sqrt(sizes[-1])
    thetas = np.array([z / np.sqrt(sizes[look - 1]), 0.0, planned])

    def by(last: int) -> Floats:
        """The chance to cross at the looks until the last."""
        upper = np.where(np.arange(len(sizes)) < last, found.upper, np.inf)
        until = replace(found, upper=upper)
        return conditional_power(until, look, z, thetas * np.sqrt(sizes[-1]))

    later = range(min(look + 1, len(sizes)), len(sizes) + 1)  # never empty, so that it is checked
    crossing = np.diff([np.zeros(3), *map(by, later)], axis=0)
    return {
        "n_I": sizes,
        "theta": thetas,
        "upper_cross": crossing[0] if len(crossing) == 1 else crossing,
        "conditional_power": crossing.sum(axis=0),
    }


def _two_arm_looks(case: Case) -> Mapping[str, Any]:
    active, control, n = (np.atleast_1d(case.setting(key)) for key in ("active", "control", "n"))
    sizes = np.broadcast_to(n, active.shape).tolist()
    found = design(case, len(sizes))
    looks = rates_at_looks(found, active.tolist(), sizes, control.tolist(), sizes)
    finals = [look.final for look in looks]
    if finals[0]:
        rates = (float(active[0]), float(sizes[0]), float(control[0]), float(sizes[0]))
        finals[0] = _ended_at_once(finals[0], found.alpha, *rates)
    return {
        "repeated_p": [Approximate(look.repeated_p, ROOT_STOP) for look in looks],
        "repeated_lo": [look.repeated_lower for look in looks],
        "repeated_hi": [look.repeated_upper for look in looks],
        "final_p": [final and final.p_value for final in finals],
        "final_lo": [final and final.lower for final in finals],
        "final_hi": [final and final.upper for final in finals],
        "median_unbiased": [final and final.drift for final in finals],
    }


def _ended_at_once(
    final: StagewiseInference, level: float, x1: float, n1: float, x0: float, n0: float
) -> StagewiseInference:
    """What rpact says of a trial that ends at its first look: the score limits of a fixed trial."""
    reach = float(special.ndtri(1 - level))
    lower, upper = (
        difference_where(partial(rate_z, x1, n1, x0, n0), side) for side in (reach, -reach)
    )
    return replace(final, drift=x1 / n1 - x0 / n0, lower=lower, upper=upper)


def _multi_arm(case: Case) -> Mapping[str, Any]:
    tests: tuple[IntersectionTest, ...] = ("dunnett", "bonferroni", "simes")
    named = str(case.spec.get("intersection_test", case.spec.get("test", case.id))).lower()
    test: IntersectionTest = next((each for each in tests if each in named), "dunnett")
    control = np.atleast_1d(case.setting("control_events")).tolist()
    active = [row if isinstance(row, list) else [row] for row in case.setting("active_events")]
    found = analyze_arms(
        design(case, len(control)),
        active,
        case.setting("n"),
        control,
        case.spec.get("n_control", case.setting("n")),
        test=test,
    )
    return {
        "repeated_p": [
            [None if p is None else Approximate(p, ROOT_STOP) for p in row]
            for row in found.repeated_p
        ],
        "repeated_ci_lo": found.repeated_lower,
        "repeated_ci_hi": found.repeated_upper,
        "overall_stage_z": found.stage_z,
        "stage_p": found.stage_p,
        "conditional_rejection": found.conditional_rejection,
        "rejected": found.rejected,
    }


def _simulated(case: Case) -> Mapping[str, Any]:
    """Two simulations agree within four standard errors of their difference."""
    rates, size = case.setting("rates"), int(case.setting("n_per_arm"))
    seed = int(case.spec.get("seed", 1))
    iterations = np.resize(case.spec.get("iterations", [10_000, 10_000]), 2)
    silent = replace(case, what="")  # the words are about both numbers of looks

    def run(looks: int) -> SimulatedArms:
        return simulate_arms(
            design(silent, looks) if looks > 1 else efficacy_bounds("pocock", 1, alpha(case)),
            rates,
            size // looks,
            trials=TRIALS,
            generator=np.random.Generator(np.random.Philox(key=[seed, looks])),
        )

    def share(value: float, others: float, scale: float = 1.0) -> Approximate:
        spread = np.sqrt(max(value * (1 - value), 1 / others) * (1 / others + 1 / TRIALS))
        return Approximate(scale * value, float(4 * scale * spread))

    one, two = run(1), run(2)
    going_on = float(two.control_continued[1])
    first, later = float(iterations[0]), float(iterations[1])
    second_stage = share(going_on, later, size)
    return {
        "one_look_reject_at_least_one": share(one.any_rejected, first),
        "one_look_per_arm": [share(float(p), first) for p in one.rejected[0]],
        "two_look_reject_at_least_one": share(two.any_rejected, later),
        "two_look_expected_n": Approximate(two.expected_participants, second_stage.error),
        "two_look_selected_stage2": [share(float(p), later) for p in [*two.continued[1], going_on]],
        "two_look_rejected_per_stage_by_arm": [
            [share(float(p), later) for p in row] for row in two.rejected
        ],
    }


METHODS: Final[Mapping[str, Method]] = {
    "group_sequential_bounds": _bounds,
    "two_bound_design": _two_bound,
    "sample_size_rates": _sample_size_rates,
    "exact_power": _exact_power,
    "sample_size_means_survival": _means_survival,
    "crossover_sample_size": _crossover,
    "conditional_power": _conditional_power,
    "analysis_two_arm_two_look": _two_arm_looks,
    "multi_arm_analysis": _multi_arm,
    "simulate_multi_arm_rates": _simulated,
}
