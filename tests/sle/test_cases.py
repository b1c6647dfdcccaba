"""Every worked case of every instrument gives the scores that its file states."""

import pytest

from trialwright import sle
from trialwright.sle.cases import Case, cases

CASES = [
    pytest.param(key, case, id=f"{key}: {case.name}")
    for key, instrument in sle.INSTRUMENTS.items()
    for case in cases(instrument)
]


@pytest.mark.parametrize(("key", "case"), CASES)
def test_case(key: str, case: Case):
    scored = sle.score(key, case.frame, **case.options)
    by_visit = {row["visit"]: row for row in scored.to_dicts()}
    for visit, expected in enumerate(case.expected):
        got = {column: by_visit[visit][column] for column in expected}
        assert got == pytest.approx(expected), case.why


@pytest.mark.parametrize("key", sle.INSTRUMENTS)
def test_every_case_says_why_and_expects_something(key: str):
    written = cases(sle.INSTRUMENTS[key])
    assert written
    for case in written:
        assert case.why.strip()
        assert any(case.expected)
