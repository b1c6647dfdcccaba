"""The confidence level of a case."""

from trialwright.errors import UnusableInputError
from trialwright.verification.cases import Case


def confidence_level(case: Case) -> float:
    """The setting `conf_level`, `conf.int` or `level`, also in percent; else 95%.

    Example:
        >>> spec = {"conf.level": 90}
        >>> confidence_level(
        ...     Case(id="", method="", data=None, spec=spec, expect={}, tol_rel=1e-6))
        0.9
    """
    given = case.first("conf_level", "conf_int", "level", default=0.95)
    try:
        level = float(str(given).removesuffix("%"))
    except ValueError:
        raise UnusableInputError(f"{given!r} is no confidence level", where=case.id) from None
    return level / 100 if level > 1 else level
