"""The confidence level of a case."""

from trialwright.verification.cases import Case


def confidence_level(case: Case) -> float:
    """The setting `conf_level`, `conf.int` or `level`, also in percent; else 95%.

    Example:
        >>> spec = {"conf.level": 90}
        >>> confidence_level(
        ...     Case(id="", method="", data=None, spec=spec, expect={}, tol_rel=1e-6))
        0.9
    """
    level = float(case.first("conf_level", "conf_int", "level", default=0.95))
    return level / 100 if level > 1 else level
