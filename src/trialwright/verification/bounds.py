"""The group-sequential design of a case, in the words of rpact and gsDesign.

Settings, all optional: `type` or `sfu` of the efficacy bounds with their parameter, `sfl` or
`typeBetaSpending` of the futility bounds with theirs, `k` or the information at the looks, `alpha`,
`power` or `beta`, `sided`, `binding`, and gsDesign's `test_type`. What the spec does not hold may
stand in the id, as in 'WT_0.25', or in the words of the case, as in 'HSD(-2) lower'.
"""

import re
from dataclasses import dataclass, replace
from typing import Any, Final, get_args

from trialwright.errors import UnusableInputError
from trialwright.stats.planning import (
    BoundKind,
    GroupSequentialDesign,
    SpendingFunction,
    efficacy_bounds,
    two_bound_design,
)
from trialwright.verification.cases import Case

FAMILY: Final = r"(?:as|bs|sf)?(?:LD)?(?:OB?F|Pocock|P(?:ower)?|WT|HP|HSD|KD)"
PARAMETER: Final = r"(?:[(_](-?[\d.]+)\)?)?"
SPENT: Final[dict[str, SpendingFunction]] = {
    "OF": "obrien-fleming",
    "P": "pocock",
    "HSD": "hwang-shih-decani",
    "KD": "kim-demets",
}
KINDS: Final[dict[str, BoundKind]] = {
    "OF": "obrien-fleming",
    "P": "pocock",
    "WT": "wang-tsiatis",
    "HP": "haybittle-peto",
    "HSD": "hwang-shih-decani",
    "KD": "kim-demets",
}
ALIASES: Final = {"OBF": "OF", "POCOCK": "P", "POWER": "KD"}
UPPER_PARAMETERS: Final = {
    "HSD": ("gamma", "gammaA", "sfupar"),
    "KD": ("rho", "gammaA", "sfupar"),
    "WT": ("delta", "deltaWT", "sfupar"),
    "HP": ("constant", "constantBoundsHP", "sfupar"),
}
LOWER_PARAMETERS: Final = ("lower_parameter", "sflpar", "gammaB")
NUMBERS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight")
SYMMETRIC, BINDING, NOT_BINDING = 2, 3, 4
"""gsDesign's `test.type`; 1 has efficacy bounds only."""


@dataclass(frozen=True, slots=True)
class Family:
    """A family of bounds.

    Attributes:
        name: a key of `KINDS`.
        spends: whether the bounds spend an error rate.
        parameter: of the family, if one stands beside its name.
    """

    name: str
    spends: bool
    parameter: float | None

    @property
    def kind(self) -> BoundKind:
        """As efficacy bounds."""
        spending: Any = f"{KINDS[self.name]}-spending"
        return spending if self.spends and spending in get_args(BoundKind) else KINDS[self.name]


def alpha(case: Case) -> float:
    """The one-sided level."""
    one = case.first(
        "alpha", "alpha_one_sided", default=case.said(r"one-sided (?:alpha )?(0?\.\d+)")
    )
    if one is not None:
        return float(one) / float(case.first("sided", default=1))
    said = case.said(r"two-sided (?:alpha )?(0?\.\d+)")
    return float(case.first("alpha_two_sided", default=said or 0.05)) / 2


def power(case: Case) -> float:
    """The power, else one minus beta, else 80%."""
    said = case.said(r"\bpower (0?\.\d+)")
    return float(case.first("power", default=said or 1 - float(case.first("beta", default=0.2))))


def looks(case: Case, default: int) -> Any:
    """The number of looks, or the information at each."""
    names = ("information", "informationRates", "timing", "k", "kMax", "looks")
    found = case.first(*names)
    if found is not None:
        return found if isinstance(found, list) else int(found)
    said = case.said(rf"\b({'|'.join(NUMBERS)}|\d+)[- ]looks?") or str(default)
    return NUMBERS.index(said.lower()) + 1 if said.lower() in NUMBERS else int(said)


def efficacy(case: Case, default: str) -> tuple[BoundKind, float | None]:
    """The kind of efficacy bounds and its parameter."""
    name = case.first("type", "typeOfDesign", "sfu", "upper")
    if name is None:
        in_id = re.search(rf"(?:^|_)({FAMILY}{PARAMETER})(?:_|$)", case.id)
        name = in_id[1] if in_id else case.said(rf"\b({FAMILY}{PARAMETER}) upper")
    given = {
        family: value
        for family, names in UPPER_PARAMETERS.items()
        if (value := case.first(*names)) is not None
    }
    found = _family(case, str(name or next(iter(given), default)))
    return found.kind, float(given[found.name]) if found.name in given else found.parameter


def futility(case: Case) -> tuple[SpendingFunction, float | None] | None:
    """The spending function of the futility bounds and its parameter; None if it is not named."""
    name = case.first("lower", "sfl", "typeBetaSpending")
    name = name or case.said(rf"\b({FAMILY}{PARAMETER}) lower")
    if name is None or name == "none":
        return None
    found = _family(case, str(name))
    if found.name not in SPENT:
        raise UnusableInputError(f"{name!r} spends no beta", remedy=f"use {', '.join(SPENT)}")
    return SPENT[found.name], case.first(*LOWER_PARAMETERS, default=found.parameter)


def binding(case: Case, *, default: bool) -> bool:
    """Whether the efficacy bounds rely on the futility bounds."""
    found = case.first("binding", "bindingFutility")
    kind = case.first("test_type") or case.said(r"type (\d)")
    if found is None and kind is not None:
        return int(kind) == BINDING
    if found is None and (said := case.said(r"\b((?:non-?)?binding)")):
        return said.lower() == "binding"
    return default if found is None else bool(found)


def design(case: Case, default_looks: int, default: str = "asOF") -> GroupSequentialDesign:
    """The design: with spent futility bounds if they are named, symmetric if two-sided."""
    test_type = int(case.first("test_type") or 1)
    if test_type > NOT_BINDING:
        raise UnusableInputError("a lower bound that spends alpha is none of futility",
                                 remedy="test types 1 to 4 are known")  # fmt: skip
    if test_type >= BINDING or futility(case):
        return two_bounds(case, default_looks, default)
    kind, parameter = efficacy(case, default)
    found = efficacy_bounds(
        kind,
        looks(case, default_looks),
        alpha(case),
        parameter=parameter,
        futility=case.first("futility", "futilityBounds"),
        binding=binding(case, default=True),
    )
    symmetric = test_type == SYMMETRIC or case.first("sided") == SYMMETRIC
    return replace(found, lower=-found.upper) if symmetric else found


def two_bounds(case: Case, default_looks: int, default: str) -> GroupSequentialDesign:
    """The design whose futility bounds spend beta, by O'Brien and Fleming's function if unnamed."""
    kind, parameter = efficacy(case, default)
    function, lower_parameter = futility(case) or (SPENT["OF"], None)
    if lower_parameter is None and function == SPENT["HSD"]:
        lower_parameter = -2.0  # as gsDesign has it
    return two_bound_design(
        looks(case, default_looks),
        alpha(case),
        1 - power(case),
        efficacy=kind,
        efficacy_parameter=parameter,
        futility=function,
        futility_parameter=lower_parameter,
        binding=binding(case, default=False),
    )


def _family(case: Case, name: str) -> Family:
    """The family of a name such as 'asOF', 'sfLDPocock', 'HSD(-4)' or 'WT_0.25'."""
    found = re.fullmatch(rf"({FAMILY}){PARAMETER}", name, re.IGNORECASE)
    if found is None:
        raise UnusableInputError(
            f"unknown type of bounds {name!r}",
            where=case.id,
            remedy=f"it may be {', '.join(KINDS)}, and asOF, asP, sfLDOF, sfLDPocock",
        )
    stem = re.sub(r"^(?:as|bs|sf)?(?:LD)?", "", found[1], flags=re.IGNORECASE).upper()
    parameter = None if found[2] is None else float(found[2])
    return Family(ALIASES.get(stem, stem), len(stem) < len(found[1]), parameter)
