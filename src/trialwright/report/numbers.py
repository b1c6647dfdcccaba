"""How numbers are written: a true minus, no needless digits, no p-value of 0."""

import math
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

MINUS: Final = "−"
NOTHING: Final = "–"
INFINITE: Final = "∞"


def decimal(value: float | None, places: int = 1) -> str:
    """A number with so many decimals; a dash if there is none."""
    if value is None:
        return NOTHING
    if math.isinf(value):
        return INFINITE if value > 0 else MINUS + INFINITE
    if abs(value) >= 1e15:  # more digits than anybody reads, or than a quantum leaves room for
        return f"{value:.1e}".replace("-", MINUS)
    # Twelve digits first: 0.145 in binary is a little less, and nobody means that.
    exact = Decimal(f"{value:.12g}")
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    text = f"{abs(rounded):f}"
    return (MINUS if rounded < 0 else "") + text


def signed(value: float | None, places: int = 1) -> str:
    """A number with its sign, plus included."""
    text = decimal(value, places)
    return text if value is None or value <= 0 or text.strip("0.") == "" else f"+{text}"


def percent(share: float | None, places: int = 0) -> str:
    """A share of 1 in percent."""
    return NOTHING if share is None else f"{decimal(share * 100, places)}%"


def level(share: float) -> str:
    """A level that somebody chose, in percent with all its digits: `5%`, `2.5%`."""
    return f"{100 * share:.6g}%"


def share(count: int, total: int) -> str:
    """A count with its total and percentage: `14/40 (35%)`."""
    return f"{count}/{total} ({percent(count / total)})" if total else f"{count}/{total}"


def p_value(p: float | None) -> str:
    """`0.052`, `< 0.001`, or a dash."""
    if p is None:
        return NOTHING
    if p < 0.001:
        return "< 0.001"
    if p > 0.999:
        return "> 0.999"
    return decimal(p, 3)


def p_equals(p: float | None) -> str:
    """For a sentence: `p = 0.052`, `p < 0.001`, `no p-value`."""
    text = p_value(p)
    if text == NOTHING:
        return "no p-value"
    return f"p {text}" if text[0] in "<>" else f"p = {text}"


def interval(lower: float | None, upper: float | None, places: int = 1) -> str:
    """`−1.5 to 41.7`."""
    if lower is None or upper is None:
        return NOTHING
    return f"{decimal(lower, places)} to {decimal(upper, places)}"


def places_for(*values: float | None) -> int:
    """Decimals that give about three digits of the largest value, at most 3."""
    known = [abs(value) for value in values if value is not None and math.isfinite(value)]
    largest = max(known, default=0.0)
    if largest == 0:
        return 1
    return min(3, max(0, 2 - math.floor(math.log10(largest))))
