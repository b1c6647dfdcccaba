"""Every instrument by its key, and what can be asked of each: score, explain, check."""

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.sle import (
    acr_1982,
    acr_1997,
    bicla,
    bilag_2004,
    bilag_2004_flare,
    clasi,
    doris_2021,
    eular_acr_2019,
    hybrid_selena_sledai,
    lldas,
    pga,
    renal_response,
    sdi,
    selena_flare_index,
    selena_sledai,
    sle_das,
    sledai_2k,
    sledai_2k_30d,
    sledai_1992,
    slicc_2012,
    sri,
)
from trialwright.sle.explanation import history_of
from trialwright.sle.instrument import Frame, Instrument, settled
from trialwright.sle.visits import KEYS, in_other_table, in_visit_order, read_visits

INSTRUMENTS: Final[Mapping[str, Instrument]] = MappingProxyType(
    {
        module.INSTRUMENT.key: module.INSTRUMENT
        for module in (
            sledai_1992,
            selena_sledai,
            hybrid_selena_sledai,
            sledai_2k,
            sledai_2k_30d,
            bilag_2004,
            bilag_2004_flare,
            pga,
            sle_das,
            clasi,
            selena_flare_index,
            sri,
            bicla,
            renal_response,
            lldas,
            doris_2021,
            sdi,
            acr_1982,
            acr_1997,
            slicc_2012,
            eular_acr_2019,
        )
    }
)


def instrument(key: str) -> Instrument:
    """The instrument with this key; UnusableInputError with the nearest key if there is none."""
    if key not in INSTRUMENTS:
        near = get_close_matches(key, INSTRUMENTS, n=1)
        raise UnusableInputError(
            f"there is no instrument {key}",
            remedy=f"did you mean {near[0]}?"
            if near
            else f"choose one of {', '.join(INSTRUMENTS)}",
        )
    return INSTRUMENTS[key]


def score(key: str, frame: Frame, **options: Any) -> Frame:
    """Score a visit table with the instrument `key`.

    `frame` has one row per participant and visit, with the columns participant, visit and the keys
    of the instrument's items. The result has participant, visit and the instrument's score columns,
    in the order of the rows given, and is a DataFrame or LazyFrame as `frame` is. Raises
    UnusableInputError for an unknown instrument or option, and for a table that cannot be scored.

    A LazyFrame is checked at once, by one streaming pass; its scores are computed when collected.
    Instruments that look back to earlier visits then hold the table in memory. Tables larger than
    memory are scored by `trialwright.sle.stream.score_file`, participants at a time.
    """
    chosen = instrument(key)
    settled(chosen.options, options)
    scored: Frame = chosen.score(frame, **options)
    return scored


def explain(
    key: str, frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """Which items and values gave the scores of one participant at one visit."""
    chosen = instrument(key)
    settled(chosen.options, options)
    rows = history_of(frame.lazy().with_row_index("_row"), participant)
    try:
        return chosen.explain(rows.drop("_row"), participant, visit, **options)
    except UnusableInputError as error:
        raise in_other_table(error, lambda row: rows["_row"][row - 1] + 1) from error


def check(key: str, frame: pl.DataFrame | pl.LazyFrame, **options: Any) -> pl.DataFrame:
    """What a central reader would ask about: participant, visit, code and finding of each.

    A check whose columns the table lacks is left out.
    """
    chosen = instrument(key)
    beside = {item.key: item for check in chosen.checks for item in check.reads}
    beside = {key: item for key, item in beside.items() if key in frame.collect_schema()}
    items = [replace(item, required=False) for item in (*chosen.items, *beside.values())]
    visits = read_visits(frame.lazy(), items)
    cells = in_visit_order(visits, lambda rows: rows.with_row_index("_row"))
    scored = chosen.score(frame.lazy(), **options)
    new = [name for name in scored.collect_schema() if name not in cells.collect_schema()]
    both = cells.join(scored.select(*KEYS, *new), on=list(KEYS), how="left").collect()
    findings = [
        both.filter(check.when.fill_null(False)).select(
            pl.col("participant"),
            pl.col("visit"),
            pl.lit(check.code).alias("code"),
            pl.lit(check.finding).alias("finding"),
        )
        for check in chosen.checks
        if set(check.needs) <= set(both.columns)
    ]
    empty = both.clear().select(*KEYS, pl.lit("").alias("code"), pl.lit("").alias("finding"))
    return pl.concat([empty, *findings]).sort(*KEYS, "code")
