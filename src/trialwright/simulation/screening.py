"""Who is eligible: the study's own criteria on the values captured before the first dose."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import polars as pl

from trialwright.protocol import Study, rule_items
from trialwright.rules import Input, Rule, parse_rule
from trialwright.simulation.capture import Days
from trialwright.trialdata import TABLES, TrialData
from trialwright.trialdata.scores import visit_table
from trialwright.trialdata.tables import empty_table

_SCHEMA: Final = TABLES["criteria"].columns
_DAY: Final = "assessed_on"


def latest_values(
    study: Study, item_values: pl.DataFrame, participants: Sequence[str], names: set[str]
) -> pl.DataFrame:
    """One row per participant in the order given: the last known value of each name.

    Beside it stand the laboratory's limits, `<item>__lower_limit` and `<item>__upper_limit`.
    """
    data = TrialData(
        **{name: empty_table(name) for name in TABLES if name != "item_values"},
        item_values=item_values,
    )
    values = visit_table(study, data, sorted(names))
    last = values.group_by("participant").agg(pl.col(sorted(names)).drop_nulls().last())
    limits = [
        pl.lit(limit, pl.Float64).alias(f"{item.id}__{side}_limit")
        for form in study.forms
        for item in form.items
        if item.normal
        for side, limit in (("lower", item.normal.lower), ("upper", item.normal.upper))
    ]
    ordered = pl.DataFrame({"participant": participants}, schema={"participant": pl.String})
    return ordered.join(last, on="participant", how="left", maintain_order="left").with_columns(
        limits
    )


def criterion_rules(study: Study) -> Mapping[str, Rule]:
    """The rule of each criterion that has one."""
    known = rule_items(study)
    return {each.id: parse_rule(each.rule, known) for each in study.criteria if each.rule}


def assess(study: Study, latest: pl.DataFrame, on: Days) -> pl.DataFrame:
    """Each participant's verdict on each criterion; a reason where it stands in the way.

    Args:
        study: whose criteria decide.
        latest: as `latest_values` gives it.
        on: the day of the assessment, per participant.
    """
    rules = criterion_rules(study)
    latest = latest.with_columns(pl.Series(_DAY, on).cast(pl.Date))
    truths = latest.select(
        "participant",
        _DAY,
        *(rule.expression(pl.col(_DAY)).alias(name) for name, rule in rules.items()),
    )
    rows = truths.unpivot(
        on=list(rules), index=["participant", _DAY], variable_name="criterion", value_name="true"
    )
    kinds = {each.id: each.kind for each in study.criteria}
    wanted = pl.col("criterion").replace_strict(kinds) == "inclusion"
    rows = rows.with_columns(
        verdict=pl.when(pl.col("true"))
        .then(pl.lit("met"))
        .when(~pl.col("true"))
        .then(pl.lit("not met"))
        .otherwise(pl.lit("unknown")),
        passes=(pl.col("true") == wanted).fill_null(False),
    )
    reasons = _reasons(rules, latest, rows.filter(~pl.col("passes")))
    return (
        rows.join(reasons, on=["participant", "criterion"], how="left", maintain_order="left")
        .select(list(_SCHEMA))
        .cast(dict(_SCHEMA))
    )


def eligible(study: Study, criteria: pl.DataFrame, participants: Sequence[str]) -> np.ndarray:
    """Whether each participant meets every inclusion and no exclusion criterion for certain."""
    kinds = {each.id: each.kind for each in study.criteria}
    inclusion = pl.col("criterion").replace_strict(kinds) == "inclusion"
    wanted = pl.when(inclusion).then(pl.lit("met")).otherwise(pl.lit("not met"))
    passed = criteria.group_by("participant").agg((pl.col("verdict") == wanted).all().alias("ok"))
    verdicts = dict(passed.iter_rows())
    return np.array([verdicts[participant] for participant in participants], dtype=bool)


def _reasons(rules: Mapping[str, Rule], latest: pl.DataFrame, failed: pl.DataFrame) -> pl.DataFrame:
    """What decided, in words, for the few verdicts that exclude."""
    row_of = {name: row for row, name in enumerate(latest["participant"])}
    found = []
    for participant, criterion in failed.select("participant", "criterion").iter_rows():
        row = latest.row(row_of[participant], named=True)
        rule = rules[criterion]
        inputs = {
            name: Input(
                row[name],
                lower_limit=row.get(f"{name}__lower_limit"),
                upper_limit=row.get(f"{name}__upper_limit"),
            )
            for name in rule.items
        }
        found.append((participant, criterion, rule.evaluate(inputs, row[_DAY]).reason))
    columns = {name: _SCHEMA[name] for name in ("participant", "criterion", "reason")}
    return pl.DataFrame(found, schema=columns, orient="row")
