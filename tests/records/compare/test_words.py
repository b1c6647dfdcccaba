"""Numbers and words of texts that are compared."""

import pytest

from trialwright.records.compare.words import (
    grades,
    missing_from,
    names,
    numbers,
    numerals,
    roman,
    same,
    stems,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SLEDAI ≥ 8", {8}),
        ("age:18 to 75 years, weight 45-80Kg", {18, 75, 45, 80}),
        ("within five years, twice", {5, 2}),
        ("ANA>1:160, immunoglobulin>20g/L", {1, 160, 20}),
        ("leukopenia<3×10^9/L, platelets<100×10^9/L", {3, 100}),
        ("platelets below 100 × 10⁹/L", {100}),
        ("IL-2, C3, CD4 and SRI-4", set()),
        ("1,000 cells and 2.5 mg", {1000, 2.5}),
        ("alt >= 2 * uln(alt)", {2}),
        ("acr_1997", set()),
        ("at least one of two signs", {2}),
        ("no more than one relapse", {1}),
    ],
)
def test_numbers(text: str, found: set[float]) -> None:
    assert numbers(text) == found


def test_numerals_are_digits_only() -> None:
    assert numerals("five of 6") == {6}


def test_grades() -> None:
    assert grades("heart failure (≥ grade III NYHA)") == {"III"}
    assert grades("NYHA class III or IV") == {"III", "IV"}
    assert grades("IV bolus of steroids") == set()
    assert roman('nyha_class in ["III", "IV"]') == {"III", "IV"}


def test_same_texts() -> None:
    assert same("Systemic Lupus  Erythematosus", "systemic lupus erythematosus.")
    assert not same("Lupus", "Lupus nephritis")
    assert same(None, "")


def test_missing_texts() -> None:
    assert missing_from(["SLE", "IL-2"], ["sle"]) == ["IL-2"]


def test_stems_join_forms_of_a_word() -> None:
    assert stems("rituximab or other biologics") & stems("A biologic within six months")
    assert stems("allergic to IL-2") & stems("Allergy to the study drug")
    assert stems("serious_infection") & stems("Infections of any kind")
    assert not stems("with other of the") & stems("other with that")


def test_names() -> None:
    text = "SLE with low C3 or C4, ANA or HIV, NYHA grade III, IL-2 and anti-dsDNA"
    assert names(text) == {"c3", "c4", "ana", "hiv", "nyha"}
