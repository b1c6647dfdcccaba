"""Cases of trial design: group-sequential bounds, sample sizes, multi-arm trials."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import numpy as np

from trialwright.errors import UnusableInputError
from trialwright.stats.planning import (
    BoundKind,
    GroupSequentialDesign,
    IntersectionTest,
    RateTest,
    SimulatedArms,
    SpendingFunction,
    SurvivalSize,
    analyze_arms,
    conditional_power,
    crossover_power,
    crossover_size,
    efficacy_bounds,
    events_size,
    means_size,
    rate_test_power,
    rates_at_looks,
    rates_size,
    rates_size_arcsine,
    simulate_arms,
    survival_size,
    two_bound_design,
)
from trialwright.verification.cases import Case
from trialwright.verification.compare import Approximate, Method

KINDS: Final[Mapping[str, BoundKind]] = {
    "OF": "obrien-fleming",
    "P": "pocock",
    "WT": "wang-tsiatis",
    "HP": "haybittle-peto",
    "asOF": "obrien-fleming-spending",
    "asP": "pocock-spending",
    "asHSD": "hwang-shih-decani",
    "HSD": "hwang-shih-decani",
    "asKD": "kim-demets",
    "KD": "kim-demets",
    "LDOF": "obrien-fleming-spending",
    "LDPocock": "pocock-spending",
}
"""Names in rpact and gsDesign."""

PARAMETERS: Final = {
    "HSD": ("gamma", "gammaA", "sfupar"),
    "KD": ("rho", "gammaA", "sfupar"),
    "WT": ("delta", "Delta", "deltaWT"),
    "HP": ("constant", "constantBoundsHP"),
}
SPENDING: Final[Mapping[str, SpendingFunction]] = {
    "OF": "obrien-fleming",
    "P": "pocock",
    "HSD": "hwang-shih-decani",
    "KD": "kim-demets",
}
ROOT_STOP: Final = 2e-6
"""Where rpact's root search for repeated p-values stops."""

TRIALS: Final = 100_000


def _alpha(case: Case) -> float:
    return float(case.spec.get("alpha", case.spec.get("alpha_one_sided", 0.025)))


def _power(case: Case) -> float:
    return float(case.spec.get("power", 1 - float(case.spec.get("beta", 0.2))))


def _looks(case: Case, default: int) -> Any:
    for name in ("information", "informationRates", "information_rates", "timing"):
        if name in case.spec:
            return case.spec[name]
    return int(case.spec.get("k", default))


def _kind(case: Case, default: str) -> tuple[BoundKind, float | None]:
    """Give the kind of bounds and its parameter: from the spec, else from an id like 'WT_0.25'."""
    name, parameter = str(case.spec.get("type", case.spec.get("sfu", ""))), None
    if not name:
        found = re.search(r"(?:^|_)(asOF|asP|OF|P|HSD|KD|WT|HP)(?:_(-?[\d.]+))?(?:_|$)", case.id)
        name = found.group(1) if found else ""
        parameter = float(found.group(2)) if found and found.group(2) else None
    for family, keys in PARAMETERS.items():
        values = [float(case.spec[key]) for key in keys if key in case.spec]
        if values and (not name or name.removeprefix("as") == family):
            name, parameter = name or family, values[0]
    name = name or default
    if name not in KINDS:
        raise UnusableInputError(
            f"unknown type of bounds {name!r}",
            where=case.id,
            remedy=f"it may be {', '.join(KINDS)}",
        )
    return KINDS[name], parameter


def _design(case: Case, looks: int, default: str = "asOF") -> GroupSequentialDesign:
    kind, parameter = _kind(case, default)
    return efficacy_bounds(
        kind,
        _looks(case, looks),
        _alpha(case),
        parameter=parameter,
        futility=case.spec.get("futility"),
        binding=bool(case.spec.get("binding", True)),
    )


def _bounds(case: Case) -> Mapping[str, Any]:
    if "binding_two_looks_z" in case.expect or "beta_spending_futility_z" in case.expect:
        return _futility(case)
    design = _design(case, 3)
    powers = [key.removeprefix("inflation_power_") for key in case.expect if "inflation" in key]
    power = float(powers[0]) if powers else _power(case)

    def average(drift: float) -> float:
        return design.crossing(drift).expected_information * design.inflation(power)

    return {
        "z": design.upper,
        "stage_p": design.stage_levels,
        "alpha_spent": design.alpha_spent,
        f"inflation_power_{power:g}": lambda: design.inflation(power),
        "average_sample_number_H1": lambda: average(design.drift(power)),
        "average_H0": lambda: average(0.0),
        "power": lambda: design.crossing(design.drift(power)).power,
    }


def _futility(case: Case) -> Mapping[str, Any]:
    """Binding at z = 0 after the first of two looks; and spending beta over three looks."""
    kind, parameter = _kind(case, "asOF")
    function = SPENDING[str(case.spec.get("typeBetaSpending", "bsOF")).removeprefix("bs")]

    def spending() -> GroupSequentialDesign:
        return two_bound_design(
            _looks(case, 3),
            _alpha(case),
            1 - _power(case),
            efficacy=kind,
            efficacy_parameter=parameter,
            futility=function,
            futility_parameter=case.spec.get("gammaB"),
            binding=bool(case.spec.get("binding", False)),
        )

    def stopping() -> GroupSequentialDesign:
        stops = case.spec.get("futility", [0.0])
        return efficacy_bounds(kind, 2, _alpha(case), parameter=parameter, futility=stops)

    return {
        "binding_two_looks_z": lambda: stopping().upper,
        "beta_spending_efficacy_z": lambda: spending().upper,
        "beta_spending_futility_z": lambda: spending().lower[:-1],
    }


def _two_bound(case: Case) -> Mapping[str, Any]:
    kind, parameter = _kind(case, "LDOF")
    lower = str(case.spec.get("lower", case.spec.get("sfl", "HSD"))).removeprefix("sf")
    function = SPENDING[lower.removeprefix("LD").removesuffix("ocock")]
    lower_parameter = case.spec.get("lower_parameter", case.spec.get("sflpar"))
    if lower_parameter is None and function == "hwang-shih-decani":
        lower_parameter = -2.0
    design = two_bound_design(
        _looks(case, 3),
        _alpha(case),
        1 - _power(case),
        efficacy=kind,
        efficacy_parameter=parameter,
        futility=function,
        futility_parameter=lower_parameter,
        binding=bool(case.spec.get("binding", case.spec.get("test_type") == 3)),
    )
    power = _power(case)
    drift, inflation = design.drift(power), design.inflation(power)
    crossings = [design.crossing(part * drift) for part in (0, 0.5, 1)]
    return {
        "upper_z": design.upper,
        "lower_z": design.lower,
        "inflation": inflation,
        "upper_cross": np.stack([each.upper for each in crossings], axis=1),
        "lower_cross": np.stack([each.lower for each in crossings], axis=1),
        "expected_n_over_fixed": [inflation * each.expected_information for each in crossings],
    }


def _sample_size_rates(case: Case) -> Mapping[str, Any]:
    rates = float(case.setting("p1")), float(case.setting("p0"))
    alpha, power = _alpha(case), _power(case)
    size = partial(rates_size, *rates, alpha=alpha, power=power)
    design = _design(case, 2)
    largest = size().total * design.inflation(power)
    share = design.crossing(design.drift(power)).expected_information
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
        "arcsine_per_arm": rates_size_arcsine(*rates, alpha=alpha, power=power).groups[1],
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
        return lambda: rate_test_power(test, truth, control, size, size, alpha=_alpha(case))

    powers = {f"{name}_power": chance(test, rate) for name, test in tests.items()}
    sizes = {f"{name}_size": chance(test, control) for name, test in tests.items()}
    return {**powers, **sizes}


def _means_survival(case: Case) -> Mapping[str, Any]:
    """Survival with rpact's months if the spec names none: median, accrual and follow-up of 12."""
    goal: dict[str, Any] = {"alpha": _alpha(case), "power": _power(case)}
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
            power = float(key.removeprefix("n_power_"))
            figures[key] = crossover_size(*effect, alpha=_alpha(case), power=power)
        elif key.startswith("power_at_"):
            size = float(key.removeprefix("power_at_"))
            figures[key] = crossover_power(*effect, size, alpha=_alpha(case))
    return figures


def _conditional_power(case: Case) -> Mapping[str, Any]:
    """Under the estimate, no effect and the planned effect; the fixed design has 200 participants.

    Thetas are effects per square root of a participant, as gsDesign counts information.
    """
    power, z = _power(case), float(case.setting("z"))
    fixed = float(case.spec.get("n_fix", case.spec.get("fixed_n", 200)))
    design = _design(case, 2)
    look = int(case.spec.get("look", 1))
    sizes = fixed * design.inflation(power) * design.information
    planned = design.drift(power) / np.sqrt(sizes[-1])
    thetas = np.array([z / np.sqrt(sizes[look - 1]), 0.0, planned])
    return {
        "n_I": sizes,
        "theta": thetas,
        "upper_cross": conditional_power(design, look, z, thetas * np.sqrt(sizes[-1])),
    }


def _two_arm_looks(case: Case) -> Mapping[str, Any]:
    active, control = case.setting("active"), case.setting("control")
    sizes = np.broadcast_to(np.asarray(case.setting("n")), (len(active),)).tolist()
    looks = rates_at_looks(_design(case, len(active)), active, sizes, control, sizes)
    finals = [look.final for look in looks]
    return {
        "repeated_p": [Approximate(look.repeated_p, ROOT_STOP) for look in looks],
        "repeated_lo": [look.repeated_lower for look in looks],
        "repeated_hi": [look.repeated_upper for look in looks],
        "final_p": [final and final.p_value for final in finals],
        "final_lo": [final and final.lower for final in finals],
        "final_hi": [final and final.upper for final in finals],
        "median_unbiased": [final and final.drift for final in finals],
    }


def _multi_arm(case: Case) -> Mapping[str, Any]:
    tests: tuple[IntersectionTest, ...] = ("dunnett", "bonferroni", "simes")
    named = str(case.spec.get("intersection_test", case.spec.get("test", case.id))).lower()
    test: IntersectionTest = next((each for each in tests if each in named), "dunnett")
    control = case.setting("control_events")
    found = analyze_arms(
        _design(case, len(control)),
        case.setting("active_events"),
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

    def run(looks: int) -> SimulatedArms:
        return simulate_arms(
            _design(case, looks) if looks > 1 else efficacy_bounds("pocock", 1, _alpha(case)),
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
