"""What is asked once at screening: who participants are and what they had before."""

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from trialwright.simulation.draws import Draws, Floats, pick
from trialwright.simulation.manifestations import position
from trialwright.simulation.parameters import read_data

Answers = np.ndarray[Any, np.dtype[Any]]


@cache
def fact_entries() -> Mapping[str, Mapping[str, Any]]:
    """Every fact by the name of the item that asks for it."""
    entries: Mapping[str, Mapping[str, Any]] = read_data("facts.yaml")
    return entries


def answer(name: str, draws: Draws, level: Floats) -> Answers:
    """The answer of each participant to the item `name`.

    Args:
        name: a key of `facts.yaml`.
        draws: the participants' streams.
        level: manifestations above threshold at screening, (participants, manifestations).

    Returns:
        Numbers (a yes is 1; a date is days before consent, NaN where not asked), or for codes an
        array of texts, empty where not asked.
    """
    entry = fact_entries()[name]
    found = _KINDS[entry["kind"]](name, entry, draws, level)
    if "when" not in entry:
        return found
    ((condition, wanted),) = entry["when"].items()
    asked = answer(condition, draws, level) == wanted
    if found.dtype.kind == "U":
        return np.where(asked, found, "")
    return np.where(asked, found, entry.get("otherwise", math.nan))


def _yes_no(name: str, entry: Mapping[str, Any], draws: Draws, _: Floats) -> Answers:
    share = float(entry["share"])
    return draws.happens(name, share).astype(np.float64)


def _code(name: str, entry: Mapping[str, Any], draws: Draws, _: Floats) -> Answers:
    codes = np.array([str(code) for code in entry["shares"]])
    return np.asarray(codes[pick(draws.one(name), list(entry["shares"].values()))])


def _date(name: str, entry: Mapping[str, Any], draws: Draws, _: Floats) -> Answers:
    days = entry["median"] * np.exp(entry["log_sd"] * draws.normal(name)[:, 0])
    return np.asarray(np.maximum(1, np.round(days)))


def _number(name: str, entry: Mapping[str, Any], draws: Draws, level: Floats) -> Answers:
    mean = np.full(draws.count, float(entry["mean"]))
    for other, shifts in entry.get("by", {}).items():
        answers = answer(other, draws, level)
        for value, shift in shifts.items():
            mean += np.where(answers == value, shift, 0)
    found = mean + entry["sd"] * draws.normal(name)[:, 0]
    return np.asarray(np.clip(found, entry["minimum"], entry["maximum"]))


def _manifestation(_: str, entry: Mapping[str, Any], __: Draws, level: Floats) -> Answers:
    places = [position(key) for key in entry["any"]]
    return np.asarray((level[:, places] > 0).any(axis=1), dtype=np.float64)


_KINDS = {
    "yes/no": _yes_no,
    "code": _code,
    "date": _date,
    "number": _number,
    "manifestation": _manifestation,
}
