"""Who is eligible: every criterion of a study over a table of participants.

A verdict says whether the criterion *as written* is met. A participant is eligible when every
inclusion criterion is met and no exclusion criterion is; ineligible as soon as one inclusion
criterion is not met or one exclusion criterion is; otherwise unknown. A criterion without a rule
is unknown: a person has to judge it.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any, Final

import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.protocol.items import rule_items
from trialwright.protocol.study import Study
from trialwright.rules import Input, Rule, Verdict, parse_rule
from trialwright.rules.types import Kind

VERDICTS: Final = pl.Enum(["met", "not met", "unknown"])
ELIGIBILITY: Final = pl.Enum(["eligible", "ineligible", "unknown"])
STAND_IN: Final = "limits of normal from the study, not the laboratory"

_TYPES: Final[Mapping[Kind, pl.DataType]] = {
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "code": pl.String(),
    "date": pl.Date(),
}


@dataclass(frozen=True, slots=True)
class Screening:
    """The verdicts of one screening.

    Attributes:
        criteria: participant, criterion, verdict, reason, assessed_on: the table `criteria` of a
            trial's data. Without reasons, `reason` is null.
        eligibility: participant, eligibility, assessed_on.
        to_collect: participant, criterion, item: what would settle each unknown verdict, named as
            the columns of a table of participants. Empty without reasons.
    """

    criteria: pl.DataFrame
    eligibility: pl.DataFrame
    to_collect: pl.DataFrame


def screen(
    study: Study, participants: pl.DataFrame, on: dt.date, *, reasons: bool = True
) -> Screening:
    """Judge every participant by every criterion.

    Args:
        study: the study; its rules must be sound, as `load_study` sees to.
        participants: one row per participant: `participant`, and any of the columns `<item>`,
            `<item>__date`, `<item>__source`, `<item>__lower_limit`, `<item>__upper_limit` and
            `screening_date`. What is missing, column or value, is unknown.
        on: the day of assessment of those without a `screening_date`.
        reasons: whether to explain each verdict. That goes participant by participant and takes
            far longer than the verdicts, which are taken over the whole table at once.

    Raises:
        UnusableInputError: a column is not of its item's type.
    """
    rules = criterion_rules(study)
    table = _prepared(rules, participants, on)
    stand_ins = _stand_ins(study)
    wide = table.with_columns(
        pl.coalesce(name, pl.lit(limit)).alias(name)
        for name, limit in stand_ins.items()
        if name in table.columns
    ).select(
        "participant",
        "assessed_on",
        *(
            (rule.expression(pl.col("assessed_on")) if rule else pl.lit(None, pl.Boolean)).alias(
                id_
            )
            for id_, rule in rules.items()
        ),
    )
    criteria = _long(wide, list(rules))
    to_collect = pl.DataFrame(schema=dict.fromkeys(("participant", "criterion", "item"), pl.String))
    if reasons:
        verdicts = [
            _verdict(rule, row, stand_ins)
            for row in table.iter_rows(named=True)
            for rule in rules.values()
        ]
        explained = criteria.with_columns(
            pl.Series("reason", [verdict.reason for verdict in verdicts], dtype=pl.String),
            pl.Series("item", [_columns(verdict) for verdict in verdicts], pl.List(pl.String)),
        )
        criteria = explained.drop("item")
        to_collect = explained.select(to_collect.columns).explode("item").drop_nulls("item")
    return Screening(criteria, _eligibility(study, wide), to_collect)


def criterion_rules(study: Study) -> dict[str, Rule | None]:
    """The rule of each criterion by its id, None for a criterion that has none."""
    items = rule_items(study)
    return {
        criterion.id: parse_rule(criterion.rule, items) if criterion.rule else None
        for criterion in study.criteria
    }


def _prepared(
    rules: Mapping[str, Rule | None], participants: pl.DataFrame, on: dt.date
) -> pl.DataFrame:
    """The columns that the rules read, each there and of its type, and the day of assessment."""
    columns: dict[str, pl.Expr] = {"participant": pl.col("participant").cast(pl.String)}
    for name, dtype in _columns_needed(rules):
        if name not in participants.columns:
            columns[name] = pl.lit(None, dtype)
            continue
        if not _fits(participants.schema[name], dtype):
            raise UnusableInputError(
                f"{participants.schema[name]} cannot be read as {dtype}", where=f"column {name}"
            )
        columns[name] = pl.col(name).cast(dtype)
    day = pl.lit(on, pl.Date)
    if "screening_date" in participants.columns:
        day = pl.coalesce(pl.col("screening_date").cast(pl.Date), day)
    return participants.select(assessed_on=day, **columns)


def _columns_needed(rules: Mapping[str, Rule | None]) -> Iterator[tuple[str, pl.DataType]]:
    types = {name: type_ for rule in rules.values() if rule for name, type_ in rule.types.items()}
    for name, type_ in types.items():
        yield name, _TYPES[type_.kind]
        yield f"{name}__date", pl.Date()
        yield f"{name}__source", pl.String()
        if type_.kind == "number":
            yield f"{name}__lower_limit", pl.Float64()
            yield f"{name}__upper_limit", pl.Float64()


def _fits(given: pl.DataType, wanted: pl.DataType) -> bool:
    if given in (pl.Null, wanted):
        return True
    if wanted == pl.String:
        return isinstance(given, pl.Enum | pl.Categorical)
    return (
        given.is_numeric() if wanted == pl.Float64 else wanted == pl.Boolean and given.is_integer()
    )


def _stand_ins(study: Study) -> dict[str, float]:
    """The study's own limits of normal, by the column that they stand in for."""
    limits = {}
    for form in study.forms:
        for item in form.items:
            if item.normal and item.normal.lower is not None:
                limits[f"{item.id}__lower_limit"] = item.normal.lower
            if item.normal and item.normal.upper is not None:
                limits[f"{item.id}__upper_limit"] = item.normal.upper
    return limits


def _verdict(rule: Rule | None, row: Mapping[str, Any], stand_ins: Mapping[str, float]) -> Verdict:
    if rule is None:
        return Verdict(
            "unknown", {}, (), "no rule decides this criterion: a person has to judge it"
        )
    inputs = {name: _input(rule, name, row, stand_ins) for name in rule.items}
    return rule.evaluate(inputs, row["assessed_on"])


def _input(rule: Rule, name: str, row: Mapping[str, Any], stand_ins: Mapping[str, float]) -> Input:
    source = row[f"{name}__source"] or ""
    limits: dict[str, float | None] = {}
    if name in rule.limits:
        for side in ("lower_limit", "upper_limit"):
            column = f"{name}__{side}"
            limits[side] = row[column]
            if row[column] is None and column in stand_ins:
                limits[side] = stand_ins[column]
                if column in rule.columns:
                    source = f"{source}, {STAND_IN}" if source else STAND_IN
    return Input(row[name], row[f"{name}__date"], source, **limits)


def _columns(verdict: Verdict) -> list[str]:
    """What to collect, by the columns of a table of participants: `uln(alt)` is its upper limit."""
    sides = {"uln(": "_upper_limit", "lln(": "_lower_limit"}
    return [
        f"{wanted[4:-1]}{sides[wanted[:4]]}" if wanted[:4] in sides else wanted
        for wanted in verdict.collect
    ]


def _long(wide: pl.DataFrame, ids: list[str]) -> pl.DataFrame:
    """One row per participant and criterion, in the order of both."""
    verdict = pl.col("verdict")
    return (
        wide.select(
            "participant",
            pl.lit(pl.Series([ids])).first().alias("criterion"),
            pl.concat_list(ids).alias("verdict"),
            "assessed_on",
        )
        .explode("criterion", "verdict")
        .select(
            "participant",
            "criterion",
            pl.when(verdict)
            .then(pl.lit("met"))
            .when(verdict.not_())
            .then(pl.lit("not met"))
            .otherwise(pl.lit("unknown"))
            .cast(VERDICTS)
            .alias("verdict"),
            pl.lit(None, pl.String).alias("reason"),
            "assessed_on",
        )
    )


def _eligibility(study: Study, wide: pl.DataFrame) -> pl.DataFrame:
    asked = (
        pl.col(criterion.id) if criterion.kind == "inclusion" else ~pl.col(criterion.id)
        for criterion in study.criteria
    )
    eligible = reduce(and_, asked)  # Kleene: one that fails settles it, whatever is unknown
    words = (
        pl.when(eligible)
        .then(pl.lit("eligible"))
        .when(~eligible)
        .then(pl.lit("ineligible"))
        .otherwise(pl.lit("unknown"))
    )
    return wide.select("participant", words.cast(ELIGIBILITY).alias("eligibility"), "assessed_on")
