"""Expected and found figures, side by side, one by one.

A figure is within if it differs by at most `tol_rel` of the expected value, or, when that is nearly
zero, of `FLOOR`, or by no more than `ROUNDING`. Four kinds of figure have a rule of their own:

- text, true, false and null must be the same;
- `max_abs_gradient` is a bound: the found gradient may be smaller, and need not be below 1e-8;
- the place where a maximum was found (`Maximizer`) may be another place with the same maximum;
- a figure that other programs sample, or search roughly (`Approximate`), may differ by that error.

A figure of the last two kinds that passes outside of its tolerance says so, in `allowed`.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Final

import numpy as np

from trialwright.errors import UnusableInputError
from trialwright.verification.cases import Case
from trialwright.verification.terms import same_term

FLOOR: Final = 1e-8
ROUNDING: Final = 5e-14
"""What sums of numbers near one lose: a figure that is zero but for that differs by machine."""
GRADIENT: Final = 1e-8
NAMED_NUMBERS: Final = {"Inf": math.inf, "-Inf": -math.inf, "NA": None, "NaN": None}
NAMES_SHOWN: Final = 12
Method = Callable[[Case], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Maximizer:
    """Where a maximum was found: `function(place)` is the largest value, `tolerance` relative."""

    place: float
    function: Callable[[float], float]

    def allows(self, other: float, tolerance: float) -> bool:
        """Whether the function is as large at `other`, but for rounding and `tolerance`."""
        return self.function(other) >= self.function(self.place) * (1 - max(tolerance, 1e-12))


@dataclass(frozen=True, slots=True)
class Approximate:
    """A figure whose expected value is known to carry an absolute error of up to `error`."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One expected figure and what was found.

    Attributes:
        path: where in `expect`, such as 'coef[armf1].est'.
        difference: relative difference; None where it has no meaning.
        problem: empty if within; else what is wrong, such as 'not computed'.
        allowed: why a figure passes that is not within its tolerance; else empty.
        unusable: whether the case as written is at fault, so that nothing could be compared.
    """

    path: str
    expected: Any
    found: Any
    difference: float | None
    problem: str
    allowed: str = ""
    unusable: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The figures of one case."""

    case: str
    method: str
    tolerance: float
    figures: tuple[Figure, ...]

    @property
    def out(self) -> tuple[Figure, ...]:
        """The figures that are out."""
        return tuple(figure for figure in self.figures if figure.problem)

    @property
    def allowed(self) -> tuple[Figure, ...]:
        """The figures that pass outside of the tolerance."""
        return tuple(figure for figure in self.figures if figure.allowed)

    @property
    def unusable(self) -> tuple[Figure, ...]:
        """The figures that could not be compared, since the case asks what cannot be had."""
        return tuple(figure for figure in self.figures if figure.unusable)


def run_case(case: Case, methods: Mapping[str, Method]) -> Outcome:
    """Compute a case and compare; what cannot be computed is out, with the reason."""
    method = _method(case.method, methods)
    found: Any
    if method is None:
        near = get_close_matches(case.method, methods, n=3) or list(methods)
        found = _unusable(f"there is no method {case.method!r}; there {_are(near)}")
    else:
        found = _attempt(lambda: method(case))
    figures = tuple(compare(case.expect, found, case.tol_rel))
    return Outcome(case.id, case.method, case.tol_rel, figures)


def _method(name: str, methods: Mapping[str, Method]) -> Method | None:
    """The method of a name; else of the longest key with an asterisk that it begins with."""
    families = [
        key for key in methods if key.endswith("*") and name.startswith(key.removesuffix("*"))
    ]
    return methods.get(name, methods[max(families, key=len)] if families else None)


@dataclass(frozen=True, slots=True)
class Absent:
    """Stands where no figure was found."""

    reason: str = "not computed"
    unusable: bool = False


def _unusable(reason: str) -> Absent:
    return Absent(f"not computed: {reason}", unusable=True)


def _are(names: Iterable[str]) -> str:
    listed = list(names)
    more = ", and more" if len(listed) > NAMES_SHOWN else ""
    return f"{'is' if len(listed) == 1 else 'are'} {', '.join(listed[:NAMES_SHOWN])}{more}"


def compare(expected: Any, found: Any, tolerance: float, path: str = "") -> Iterator[Figure]:
    """Walk `expected`, and yield each of its figures beside the one in `found`.

    `found` is nested like `expected`; it may hold more, and a function without arguments instead of
    a value that is costly: it is called only if the value is expected. Rows that have a `term` are
    paired by its name, whatever its spelling; other rows by their position.
    """
    if callable(found):
        found = _attempt(found)
    if isinstance(found, np.ndarray | np.generic):
        found = found.tolist()
    if isinstance(expected, Mapping):
        for key, value in expected.items():
            below = _member(found, key)
            yield from compare(value, below, tolerance, f"{path}.{key}" if path else str(key))
    elif _rows_with_terms(expected):
        for row in expected:
            below = _row_of_term(found, row["term"])
            rest = {key: value for key, value in row.items() if key != "term"}
            yield from compare(rest, below, tolerance, f"{path}[{row['term']}]")
    elif isinstance(expected, list):
        if not isinstance(found, Sequence | Absent) or isinstance(found, str):
            found = [found]  # R writes a vector of length one as a number
        if not isinstance(found, Absent) and len(found) != len(expected):
            found = Absent(f"{len(found)} values instead of {len(expected)}")
        for index, value in enumerate(expected):
            below = found if isinstance(found, Absent) else found[index]
            yield from compare(value, below, tolerance, f"{path}[{index}]")
    else:
        if isinstance(found, Sequence) and not isinstance(found, str) and len(found) == 1:
            found = found[0]
        yield _figure(path, expected, found, tolerance)


def _attempt(compute: Callable[[], Any]) -> Any:
    try:
        return compute()
    except UnusableInputError as error:
        return _unusable("; ".join(filter(None, (error.what, error.remedy))))
    except Exception as error:  # one figure that fails must not hide the others
        return Absent(f"not computed: {type(error).__name__}: {error}")


def _member(found: Any, key: str) -> Any:
    if isinstance(found, Absent):
        return found
    if not isinstance(found, Mapping):
        return _unusable(f"there is one figure here, no {key!r}")
    names = [name for name in found if name]
    return found[key] if key in found else _unusable(f"there is no {key!r}; there {_are(names)}")


def _rows_with_terms(expected: Any) -> bool:
    return (
        isinstance(expected, list)
        and bool(expected)
        and all(isinstance(row, Mapping) and isinstance(row.get("term"), str) for row in expected)
    )


def _row_of_term(found: Any, term: str) -> Any:
    if isinstance(found, Sequence):
        rows = [row for row in found if isinstance(row, Mapping) and "term" in row]
        for row in rows:
            if row["term"] == term:
                return row
        plain = re.sub(r"TRUE(?=:|$)", "", term)  # R's name of a yes, which stands alone here
        alike = [row for row in rows if any(same_term(each, row["term"]) for each in (term, plain))]
        if alike:  # 'wk12' could be read as level 2 of 'wk1': the longest name is meant
            return max(alike, key=lambda row: len(row["term"]))
        names = [row["term"] for row in rows]
        return _unusable(f"there is no term {term}; there {_are(names)}")
    return found if isinstance(found, Absent) else _unusable(f"there is no term {term}")


def _figure(path: str, expected: Any, found: Any, tolerance: float) -> Figure:
    if isinstance(found, Absent):
        return Figure(path, expected, None, None, found.reason, unusable=found.unusable)
    if isinstance(found, Mapping):
        return _figure(path, expected, _unusable(f"there {_are(found)}, no single figure"), 0)
    if isinstance(expected, str):
        expected = NAMED_NUMBERS.get(expected, expected)
    elif isinstance(expected, float) and math.isnan(expected):
        expected = None
    if isinstance(expected, str) and not isinstance(found, str | bool | None):
        return Figure(path, expected, found, None, "text where there is a number", unusable=True)
    if isinstance(found, Maximizer):
        return _place(path, expected, found, tolerance)
    if isinstance(found, Approximate):
        return _roughly(path, expected, found, tolerance)
    if _is_number(expected) and _is_number(found):
        return _number(path, float(expected), float(found), tolerance)
    same = bool(expected == found)
    return Figure(path, expected, found, None, "" if same else "differs")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(path: str, expected: float, found: float, tolerance: float) -> Figure:
    if path.split(".")[-1] == "max_abs_gradient":
        within = found <= max(expected, GRADIENT)
        return Figure(path, expected, found, None, "" if within else "gradient not near zero")
    if math.isinf(expected) or math.isinf(found):
        return Figure(path, expected, found, None, "" if expected == found else "differs")
    difference = abs(found - expected) / max(abs(expected), FLOOR)
    within = difference <= tolerance or abs(found - expected) <= ROUNDING
    return Figure(path, expected, found, difference, "" if within else "out")


def _roughly(path: str, expected: Any, found: Approximate, tolerance: float) -> Figure:
    if not _is_number(expected):
        return Figure(path, expected, found.value, None, "differs")
    figure = _number(path, float(expected), found.value, tolerance)
    if figure.problem and abs(found.value - float(expected)) <= found.error:
        allowed = f"within the reference's own error {found.error:g}"
        return replace(figure, problem="", allowed=allowed)
    return figure


def _place(path: str, expected: Any, found: Maximizer, tolerance: float) -> Figure:
    if not _is_number(expected):
        return Figure(path, expected, found.place, None, "differs")
    figure = _number(path, float(expected), found.place, tolerance)
    if not figure.problem:
        return figure
    if found.allows(float(expected), tolerance):
        return replace(figure, problem="", allowed="the maximum is as large at either place")
    return replace(figure, problem="no maximum there")
