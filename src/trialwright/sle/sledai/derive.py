"""SLEDAI items from raw values: laboratory results with units and limits, joints, fever.

An item that the table gives is never overruled; only an empty cell, or a column that the table
lacks, is filled from raw values. Every comparison is strict.
"""

from collections.abc import Collection, Mapping
from typing import Final, Literal

import polars as pl

from trialwright.sle.history import first_known, last_known, previous
from trialwright.sle.instrument import Item

ProteinuriaRule = Literal["selena", "2k"]
_MILLIONTHS: Final = 1_000_000


def _raw(key: str, label: str, unit: str = "", high: float = 1e6, **more: object) -> Item:
    return Item(key=key, label=label, kind="number", unit=unit, high=high, required=False, **more)  # type: ignore[arg-type]  # the rest of Item's fields, by name


def raw_items(upcr_mg_per_mmol: float = 100.0) -> tuple[Item, ...]:
    """The raw values, with the milligrams per millimole that stand for 1 g of protein per g.

    100 is the equivalence of trial practice (50 mg/mmol for 0.5 g/g); 113.12 is the molar one.
    """
    return (
        _raw("joint_count", "Joints with pain and signs of inflammation", high=68),
        _raw(
            "protein_24h",
            "Protein in 24 h urine",
            "g",
            60,
            units={"mg": (1, 1000)},
            unit_needed=True,
        ),
        _raw(
            "upcr",
            "Urine protein to creatinine ratio",
            "g/g",
            60,
            units={"mg/g": (1, 1000), "mg/mmol": (1, upcr_mg_per_mmol)},
            unit_needed=True,
        ),
        _raw("urine_rbc", "Red cells in urine", "/hpf", 10_000),
        _raw("urine_wbc", "White cells in urine", "/hpf", 10_000),
        _raw("c3", "Complement C3"),
        _raw("c3_lower_limit", "Lower limit of C3, in the unit of C3"),
        _raw("c4", "Complement C4"),
        _raw("c4_lower_limit", "Lower limit of C4, in the unit of C4"),
        _raw("ch50", "Hemolytic complement CH50"),
        _raw("ch50_lower_limit", "Lower limit of CH50, in its unit"),
        _raw("anti_dsdna", "Anti-dsDNA antibodies"),
        _raw("anti_dsdna_upper_limit", "Upper limit of anti-dsDNA, in its unit"),
        _raw("dna_binding_farr", "DNA binding by the Farr assay", "%", 100),
        _raw("temperature", "Body temperature", "Cel", 45, low=30),
        _raw("platelets", "Platelets", "10*9/L", 3000, units={"/uL": (1, 1000)}),
        _raw("wbc", "White cells in blood", "10*9/L", 1000, units={"/uL": (1, 1000)}),
    )


NEEDS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "arthritis": (("joint_count",),),
    "proteinuria": (("protein_24h",), ("upcr",)),
    "hematuria": (("urine_rbc",),),
    "pyuria": (("urine_wbc",),),
    "low_complement": (
        ("c3", "c3_lower_limit"),
        ("c4", "c4_lower_limit"),
        ("ch50", "ch50_lower_limit"),
    ),
    "increased_dna_binding": (("anti_dsdna", "anti_dsdna_upper_limit"), ("dna_binding_farr",)),
    "fever": (("temperature",),),
    "thrombocytopenia": (("platelets",),),
    "leukopenia": (("wbc",),),
}
"""Item to the groups of raw columns from which it can be derived."""


def derivable(columns: Collection[str]) -> list[str]:
    """The items that a table with these columns can derive."""
    return [
        item
        for item, groups in NEEDS.items()
        if any(all(column in columns for column in group) for group in groups)
    ]


def derivation(
    item: str,
    columns: Collection[str],
    *,
    joints: int,
    rule: ProteinuriaRule,
    compared_with: Literal["last", "first"],
    nothing_before: Literal["new", "not new", "unknown"],
) -> pl.Expr:
    """Whether `item` is present by the raw values; null where they do not tell."""
    if item == "proteinuria":
        return _proteinuria(columns, rule, compared_with, nothing_before)
    if item == "low_complement":
        return _low_complement(columns)
    if item == "increased_dna_binding":
        laboratory = _above("anti_dsdna", "anti_dsdna_upper_limit", columns)
        farr = pl.col("dna_binding_farr") > 25 if "dna_binding_farr" in columns else _unknown()
        return pl.when(laboratory | farr).then(True).otherwise(pl.coalesce(laboratory, farr))
    return {
        "arthritis": pl.col("joint_count") >= joints,
        "hematuria": pl.col("urine_rbc") > 5,
        "pyuria": pl.col("urine_wbc") > 5,
        "fever": pl.col("temperature") > 38,
        "thrombocytopenia": pl.col("platelets") < 100,
        "leukopenia": pl.col("wbc") < 3,
    }[item]


def _unknown() -> pl.Expr:
    return pl.lit(None, dtype=pl.Boolean)


def _above(value: str, limit: str, columns: Collection[str]) -> pl.Expr:
    return pl.col(value) > pl.col(limit) if {value, limit} <= set(columns) else _unknown()


def _low_complement(columns: Collection[str]) -> pl.Expr:
    """Low if any is low; not low if CH50, or both C3 and C4, are known and none is."""
    c3, c4, ch50 = (_above(f"{name}_lower_limit", name, columns) for name in ("c3", "c4", "ch50"))
    return pl.when(c3 | c4 | ch50).then(True).otherwise(pl.coalesce(c3 | c4, ch50))


def _proteinuria(
    columns: Collection[str],
    rule: ProteinuriaRule,
    compared_with: Literal["last", "first"],
    nothing_before: Literal["new", "not new", "unknown"],
) -> pl.Expr:
    """Above 0.5 g; by the SELENA rule also new, or risen by more than 0.5 g.

    Amounts are compared in whole millionths of a gram, so that 1.2 − 0.7 g is 0.5 g.
    """
    measures = [pl.col(name) for name in ("protein_24h", "upcr") if name in columns]
    amount = (pl.coalesce(measures) * _MILLIONTHS).round().cast(pl.Int64)
    half = _MILLIONTHS // 2
    if rule == "2k":
        return amount > half
    known = first_known if compared_with == "first" else last_known
    before = previous(known(amount, nothing=-1))
    new = {"new": pl.lit(True), "not new": pl.lit(False), "unknown": _unknown()}[nothing_before]
    fresh = (
        pl.when(before.is_null()).then(new).otherwise((before <= half) | (amount - before > half))
    )
    return (amount > half) & fresh
