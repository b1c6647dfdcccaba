"""Results as JSON whose bytes depend on nothing but the numbers."""

import dataclasses
import json
import math
from typing import Any

DIGITS = 12


def canonical_json(value: object) -> str:
    """The dataclasses, mappings and sequences of `value` as JSON.

    Keys are sorted; floats are rounded to 12 significant digits, which leaves room for the last
    bits to differ between processors, and written as Python writes them; infinity is written as
    text, since JSON has no sign for it.

    Raises:
        ValueError: a number is not a number.
    """
    return json.dumps(_plain(value), sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if isinstance(value, float):
        return _rounded(value)
    return value


def _rounded(value: float) -> float | str:
    if math.isnan(value):
        raise ValueError("a result is not a number")
    if math.isinf(value):
        return "infinity" if value > 0 else "-infinity"
    return float(f"{value:.{DIGITS}g}") + 0.0  # minus zero becomes zero
