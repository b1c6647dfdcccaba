"""He et al. 2020 (Annals of the Rheumatic Diseases 79:141): SRI-4 at week 12, 16 of 29 v 9 of 30.

The expected numbers were re-derived from the published counts in the project's evidence review
(SciPy 1.17.1 and a dense grid), rounded as there.
"""

import pytest

from trialwright.stats.proportions.difference import risk_difference
from trialwright.stats.two_by_two.chi_square import chi_square_test
from trialwright.stats.two_by_two.conditional import fisher_test

COUNTS = (16, 29, 9, 30)


@pytest.mark.parametrize(
    ("method", "lower", "upper"), [("wald", 0.007, 0.496), ("newcombe", 0.001, 0.463)]
)
def test_difference_and_interval(method: str, lower: float, upper: float) -> None:
    result = risk_difference(*COUNTS, method=method)
    assert result.estimate == pytest.approx(0.252, abs=5e-4)
    assert result.lower == pytest.approx(lower, abs=5e-4)
    assert result.upper == pytest.approx(upper, abs=5e-4)


def test_a_published_p_that_cannot_be_reproduced() -> None:
    # Remission of nephritis, 7 of 13 v 2 of 12, published as p = .036.
    assert chi_square_test([[7, 6], [2, 10]]).p_value == pytest.approx(0.053, abs=5e-4)
    assert fisher_test(7, 13, 2, 12).p_value == pytest.approx(0.097, abs=5e-4)
    wald = risk_difference(7, 13, 2, 12, method="wald").p_value
    assert wald == pytest.approx(0.034, abs=5e-4)


def test_fisher() -> None:
    assert fisher_test(*COUNTS).p_value == pytest.approx(0.0673, abs=5e-5)


def test_n_minus_1_chi_square() -> None:
    result = chi_square_test([[16, 13], [9, 21]], correction="n-1")
    assert result.p_value == pytest.approx(0.0524, abs=5e-5)
