"""Degrees of freedom counted between and within participants.

A column of the design that varies within some participant is tested within participants; one that
does not, between them. The constant counts as a between column but is itself tested within, and a
combination takes the smallest degrees of freedom of its columns, as in R's mmrm and SAS.

Schluchter MD, Elashoff JT. Small-sample adjustments to tests with unbalanced repeated measures
assuming several covariance structures. Journal of Statistical Computation and Simulation
1990;37:69-87.
"""

import numpy as np

from trialwright.stats.mmrm.fit import Fit
from trialwright.stats.results import Floats


def between_within(fit: Fit, design: Floats, rows: Floats) -> Floats:
    """Degrees of freedom of each combination, `rows` of shape (k, p).

    Args:
        fit: the fitted model.
        design: the design without weights, records sorted as in the fit, shape (n, p).
        rows: the combinations.
    """
    first = np.repeat(design[fit.start[:-1]], np.diff(fit.start), axis=0)
    within = (design != first).any(axis=0)
    constant = (design == 1).all(axis=0)
    between_df = fit.participants - int((~within).sum())
    within_df = fit.records - fit.participants - int(within.sum())
    of_column = np.where(within | constant, within_df, between_df).astype(np.float64)
    return np.asarray(np.where(rows != 0, of_column, np.inf).min(axis=1))
