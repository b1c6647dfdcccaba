"""What a randomization is: arms or sequences with their ratio, block sizes, strata."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from trialwright.errors import UnusableInputError

UNSTRATIFIED: Final = "all participants"


@dataclass(frozen=True, slots=True)
class StratificationFactor:
    """A factor such as site or baseline SLEDAI, and its levels in a fixed order."""

    name: str
    levels: tuple[str, ...]

    def __post_init__(self) -> None:
        where = f"stratification factor {self.name!r}"
        if not self.name or not self.levels or not all(self.levels):
            raise UnusableInputError("a name or a level is empty", where=where)
        if len(set(self.levels)) < len(self.levels):
            raise UnusableInputError("a level appears twice", where=where)


@dataclass(frozen=True, slots=True)
class Scheme:
    """Stratified permuted blocks.

    Attributes:
        arms: what is allocated, an arm or in a crossover a sequence, with its share of each block.
        block_sizes: each block's size is drawn from these with equal probability.
        strata: the factors; each combination of levels is a stratum with a list of its own.
        list_length: rows wanted per stratum. The list ends with a whole block, so it may be
            longer. Taking the whole enrollment lets any stratum hold all participants: paper is
            cheap, and a list that runs out stops a trial.
    """

    arms: Mapping[str, int]
    block_sizes: tuple[int, ...]
    list_length: int
    strata: tuple[StratificationFactor, ...] = ()

    def __post_init__(self) -> None:
        _check(self)

    @property
    def ratio_sum(self) -> int:
        """The smallest block that holds the ratio."""
        return sum(self.arms.values())

    def stratum_names(self) -> tuple[str, ...]:
        """Every stratum, the last factor varying fastest."""
        names = [factor.name for factor in self.strata]
        combinations = product(*(factor.levels for factor in self.strata))
        return tuple(_stratum_name(names, levels) for levels in combinations)

    def stratum_of(self, levels: Mapping[str, str]) -> str:
        """The stratum of a participant with these levels.

        Raises:
            UnusableInputError: a factor has no level, or one that the scheme doesn't know.
        """
        for factor in self.strata:
            if levels.get(factor.name) not in factor.levels:
                raise UnusableInputError(
                    f"{factor.name} is {levels.get(factor.name, 'not given')!r}",
                    where="stratification",
                    remedy=f"the levels are {', '.join(factor.levels)}",
                )
        names = [factor.name for factor in self.strata]
        return _stratum_name(names, tuple(levels[name] for name in names))


def _stratum_name(names: list[str], levels: tuple[str, ...]) -> str:
    pairs = (f"{name}={level}" for name, level in zip(names, levels, strict=True))
    return "; ".join(pairs) or UNSTRATIFIED


def _check(scheme: Scheme) -> None:
    """Raise UnusableInputError for the first thing that makes the scheme impossible."""
    where = "randomization scheme"
    if len(scheme.arms) < 2:
        raise UnusableInputError("fewer than two arms can't be randomized", where=where)
    if any(not arm or share < 1 for arm, share in scheme.arms.items()):
        raise UnusableInputError(
            "an arm has no name or no share",
            where=where,
            remedy="give each arm a name and a whole number of at least 1",
        )
    total = scheme.ratio_sum
    uneven = [size for size in scheme.block_sizes if size < 1 or size % total]
    if uneven or not scheme.block_sizes:
        raise UnusableInputError(
            f"a block of {uneven[0]} can't hold the ratio" if uneven else "there is no block size",
            where=where,
            remedy=f"block sizes are multiples of {total}, the sum of the ratio",
        )
    if len(set(scheme.block_sizes)) < len(scheme.block_sizes):
        raise UnusableInputError("a block size appears twice", where=where)
    if scheme.list_length < 1:
        raise UnusableInputError("the list has no rows", where=where)
    names = scheme.stratum_names()
    if len(set(names)) < len(names) or len({f.name for f in scheme.strata}) < len(scheme.strata):
        raise UnusableInputError("two strata have the same name", where=where)
