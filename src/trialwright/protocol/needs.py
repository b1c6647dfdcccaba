"""The items that rules and estimands need, and whether any form collects them."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from trialwright.protocol.items import rule_items
from trialwright.protocol.study import Study
from trialwright.rules import RuleError, parse_rule
from trialwright.rules.parse import parse
from trialwright.rules.syntax import item_names

Location = tuple[str | int, ...]

SLIP: Final = 0.65
"""Likeness from which a name counts as misspelled: `aeg` is 0.67 like `age`, while
`penicillin_reaction` is 0.61 like `chronic_infection`."""


@dataclass(frozen=True, slots=True)
class Gap:
    """An item that the study needs and that no form collects."""

    location: Location
    place: str
    item: str


def rule_texts(study: Study) -> Iterator[tuple[Location, str, str]]:
    """Each rule of the study: where it stands, the element's name, and its text."""
    for number, criterion in enumerate(study.criteria):
        if criterion.rule:
            yield ("criteria", number, "rule"), f"criteria.{criterion.id}", criterion.rule
    for number, factor in enumerate(study.randomization.strata):
        if factor.levels == "sites":
            continue
        for place, level in enumerate(factor.levels):
            location = ("randomization", "strata", number, "levels", place, "rule")
            yield location, f"randomization.strata.{factor.id}.{level.id}", level.rule


def estimand_items(study: Study) -> Iterator[tuple[Location, str, str]]:
    """Each item that an estimand names: where it stands, the estimand's name, and the item."""
    for number, estimand in enumerate(study.estimands):
        at = ("estimands", number, "variable")
        variable = estimand.variable
        if variable.kind == "change":
            yield (*at, "item"), f"estimands.{estimand.id}", variable.item
        elif variable.kind == "sri":
            yield (
                (*at, "global_assessment"),
                f"estimands.{estimand.id}",
                variable.global_assessment,
            )


def _names(text: str) -> frozenset[str]:
    """The items that a rule names; none if it cannot be read, which `broken_rules` tells."""
    try:
        return frozenset(item_names(parse(text)))
    except RuleError:
        return frozenset()


def gaps(study: Study) -> Iterator[Gap]:
    """The items that are needed, that no form collects, and that are near no item collected."""
    known = rule_items(study)
    for location, place, text in rule_texts(study):
        for item in sorted(_names(text) - known.keys()):
            if not get_close_matches(item, known, n=1, cutoff=SLIP):
                yield Gap(location, place, item)
    for location, place, item in estimand_items(study):
        if item not in known and not get_close_matches(item, known, n=1, cutoff=SLIP):
            yield Gap(location, place, item)


def broken_rules(study: Study) -> Iterator[tuple[Location, str, str]]:
    """Rules that cannot be read and items misspelled: where, what is wrong, and the remedy.

    An item that is unlike any item collected is a gap in the study, not a slip of the pen: `gaps`
    tells it.
    """
    known = rule_items(study)
    missing = {(gap.location, gap.item) for gap in gaps(study)}
    for location, _, text in rule_texts(study):
        try:
            if not any((location, item) in missing for item in _names(text)):
                parse_rule(text, known)
        except RuleError as error:
            what, *rest = str(error).split("\n")
            yield location, f"the rule cannot be read: {what}", "\n  ".join(rest).strip("\n")
    for location, _, item in estimand_items(study):
        if item not in known and (location, item) not in missing:
            near = get_close_matches(item, known, n=1, cutoff=SLIP)[0]
            yield location, f"no form collects {item!r}", f"did you mean {near}?"
