"""The confidence level of a case."""

from trialwright.verification.cases import Case


def confidence_level(case: Case) -> float:
    """The setting `conf_level`, `conf.level`, `conf.int` or `level`, also in percent; else 95%.

    Example:
        >>> spec = {"conf.level": 90}
        >>> confidence_level(
        ...     Case(id="", method="", data=None, spec=spec, expect={}, tol_rel=1e-6))
        0.9
    """
    for name in ("conf_level", "conf.level", "conf.int", "level"):
        if name in case.spec:
            level = float(case.spec[name])
            return level / 100 if level > 1 else level
    return 0.95
