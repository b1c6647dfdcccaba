"""How fast the instruments score: visits per second, against two peers and the read time.

`python benchmarks/instruments.py [LARGEST]` prints one line per instrument: the median of five runs
of the library on a million visits (or LARGEST, if that is fewer), of a column-at-a-time pandas
version on the same visits, of plain Python on 10,000 of them (the reference of the tests), and of
reading the table from Parquet, the limit. The peers do less: all items are assessed, nothing is
validated, SLEDAI gives only its total, BILAG only its letters. Before anything is timed, all three
must give the same scores. Then: time per visit and peak memory as tables grow from 10,000 visits to
LARGEST (ten million unless told otherwise), in memory up to a million, from Parquet to Parquet in
pieces at any size.
"""

import gc
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from sle.bilag_2004 import reference as bilag
from sle.bilag_2004.tables import bilag_table
from sle.random_visits import random_table
from sle.sledai import reference as sledai
from sle.sri import reference as sri
from trialwright import sle
from trialwright.sle.bilag_2004 import SYSTEMS
from trialwright.sle.stream import score_file

RUNS, BY_HAND, IN_MEMORY = 5, 10_000, 1_000_000
SELENA = sle.INSTRUMENTS["selena-sledai"].items


def tables(visits: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """SLEDAI items with PGA and treatment failure, and BILAG-2004 items, all assessed."""
    rng = np.random.default_rng(1)
    activity = random_table(SELENA, visits, seed=1, unassessed=0).with_columns(
        pga=np.round(rng.uniform(0, 3, visits), 1),
        treatment_failure=(rng.random(visits) < 0.05).astype(np.int8),
    )
    return activity, bilag_table(visits, seed=2, unassessed=0, present=0.03)


# The library
# ---------------------------------------------------------------------------------------


def library_sledai(activity: pl.DataFrame) -> pl.Series:
    """The SELENA-SLEDAI total."""
    return sle.score("selena-sledai", activity)["selena_sledai"]


def library_bilag(items: pl.DataFrame) -> pl.DataFrame:
    """The nine letters."""
    return sle.score("bilag-2004", items).select(SYSTEMS)


def library_sri(activity: pl.DataFrame, items: pl.DataFrame) -> pl.Series:
    """From items to SRI-4: SLEDAI, BILAG and the index."""
    scores = sle.score("selena-sledai", activity)
    letters = sle.score("bilag-2004", items).select(SYSTEMS)
    return sle.score(
        "sri",
        pl.concat([scores, letters, activity.select("pga", "treatment_failure")], how="horizontal"),
    )["sri_4"]


# A column at a time in pandas
# ----------------------------------------------------------------------


def pandas_sledai(activity: pd.DataFrame) -> pd.Series:
    """The total, one item after another."""
    total = pd.Series(0, index=activity.index, dtype="int16")
    for item in SELENA:
        total += activity[item.key] * item.weight
    return total


def pandas_bilag(items: pd.DataFrame) -> pd.DataFrame:
    """The nine letters, one system after another."""
    severity = {system: pandas_common(items, system) for system in bilag.SETS}
    severity["constitutional"] = pandas_constitutional(items)
    severity["renal"] = pandas_renal(items)
    severity["haematological"] = pandas_haematological(items)
    letters = {}
    for system in SYSTEMS:
        active = pd.Series(severity[system], index=items.index)
        ever = (active > 0).groupby(items["participant"]).cummax()
        before = ever.groupby(items["participant"]).shift(1, fill_value=False)
        letters[system] = np.array(list("EDCBA"))[np.where(active > 0, active, before.astype(int))]
    return pd.DataFrame(letters)


def pandas_letter(a: pd.Series, b: pd.Series, c: pd.Series) -> np.ndarray:
    """Severity from three conditions: A 4, B 3, C 2."""
    return np.select([a, b, c], [4, 3, 2], default=0)


def pandas_common(items: pd.DataFrame, system: str) -> np.ndarray:
    """A system of the common pattern."""
    a, b, c = (
        items[[bilag.NUMBERED[n - 1] for n in numbers]].max(axis=1)
        if numbers
        else pd.Series(0, items.index)
        for numbers in bilag.SETS[system]
    )
    return pandas_letter(a >= 2, (a == 1) | (b >= 2), (b == 1) | (c > 0))


def pandas_constitutional(items: pd.DataFrame) -> np.ndarray:
    """Pyrexia and the three other items."""
    fever, others = items["pyrexia"], items[bilag.NUMBERED[1:4]]
    several = (others >= 2).sum(axis=1) >= 2
    return pandas_letter(
        (fever >= 2) & several, (fever >= 2) | several, (fever == 1) | (others > 0).any(axis=1)
    )


def pandas_haematological(items: pd.DataFrame) -> np.ndarray:
    """Blood counts below their limits."""
    hb, wcc, neutrophils, lymphocytes, platelets, ttp, haemolysis, coombs = (
        items[key] for key in bilag.NUMBERED[89:]
    )
    a = (ttp >= 2) | (hb < 8) | (wcc < 1) | (neutrophils < 0.5) | (platelets < 25)
    b = (ttp == 1) | (hb < 9) | (wcc < 2) | (neutrophils < 1) | (platelets < 50) | (haemolysis == 1)
    c = (
        (hb < 11)
        | (wcc < 4)
        | (neutrophils < 2)
        | (lymphocytes < 1)
        | (platelets < 150)
        | (coombs == 1)
    )
    return pandas_letter(a, b, c)


def pandas_renal(items: pd.DataFrame) -> np.ndarray:
    """The six criteria, against the row before."""
    keys = ["protein_24h", "upcr", "uacr", "creatinine", "gfr", "sbp", "dbp"]
    now = (items[keys] * 1_000_000).round().astype("int64")
    then = now.groupby(items["participant"]).shift(1)
    first = then["gfr"].isna()
    severe, protein, mild = (pd.Series(False, index=items.index) for _ in range(3))
    for key, (high, some, little) in {
        "protein_24h": (1, 0.5, 0.25),
        "upcr": (100, 50, 25),
        "uacr": (100, 50, 25),
    }.items():
        stays = first | (4 * now[key] > 3 * then[key])
        severe |= (now[key] > high * 1_000_000) & stays
        protein |= (now[key] >= some * 1_000_000) & stays
        mild |= now[key] > little * 1_000_000
    high_creatinine = now["creatinine"] > 130_000_000
    loss = high_creatinine & (100 * now["creatinine"] > 130 * then["creatinine"])
    loss |= (now["gfr"] < 80_000_000) & (100 * now["gfr"] < 67 * then["gfr"])
    loss |= (now["gfr"] < 50_000_000) & (first | (then["gfr"] > 50_000_000))
    some_loss = high_creatinine & (100 * now["creatinine"] >= 115 * then["creatinine"])
    pressure = (now["sbp"] > 140_000_000) & (now["dbp"] > 90_000_000)
    pressure &= (now["sbp"] - then["sbp"] >= 30_000_000) & (now["dbp"] - then["dbp"] >= 15_000_000)
    sediment = items["active_urinary_sediment"] == 1
    nephritis = items["active_nephritis"] == 1
    six = [severe, items["accelerated_hypertension"] == 1, loss, sediment, nephritis]
    six.append(items["nephrotic_syndrome"] == 1)
    count = sum(one.astype("int8") for one in six)
    return pandas_letter(
        (count >= 2) & (severe | sediment | nephritis),
        (count >= 1) | protein | some_loss,
        mild | pressure,
    )


def pandas_sri(activity: pd.DataFrame, items: pd.DataFrame) -> pd.Series:
    """SRI-4 of the visits after the first."""
    total, letters = pandas_sledai(activity), pandas_bilag(items)
    by, later = activity["participant"], activity["visit"] > 0
    first = {name: series.groupby(by).transform("first") for name, series in letters.items()}
    new_a = sum(((letters[s] == "A") & (first[s] != "A")).astype("int8") for s in SYSTEMS)
    new_b = sum(((letters[s] == "B") & first[s].isin(list("CDE"))).astype("int8") for s in SYSTEMS)
    rise = ((activity["pga"] - activity["pga"].groupby(by).transform("first")) * 10_000).round()
    fall = total.groupby(by).transform("first") - total
    response = (fall >= 4) & (new_a == 0) & (new_b <= 1) & (rise < 3_000)
    return (response & (activity["treatment_failure"] == 0))[later]


# Plain Python
# --------------------------------------------------------------------------------------


def by_hand_sledai(rows: list[dict]) -> list[int | None]:
    """The total of each visit."""
    return [sledai.points(row, sledai.ALL) for row in rows]


def by_hand_bilag(rows: list[dict]) -> list[dict[str, str]]:
    """The letters of each visit."""
    groups = groupby(rows, lambda row: row["participant"])
    return [grades for _, visits in groups for grades in bilag.grades(list(visits))]


def by_hand_sri(activity: list[dict], items: list[dict]) -> list[bool]:
    """SRI-4 of the visits after the first."""
    totals, letters = by_hand_sledai(activity), by_hand_bilag(items)
    joined = [
        {**row, **grades, "selena_sledai": total}
        for row, grades, total in zip(activity, letters, totals, strict=True)
    ]
    verdicts = []
    for _, visits in groupby(joined, lambda row: row["participant"]):
        base, *later = visits
        verdicts += [sri.verdict(base, visit, list(SYSTEMS))["response"] for visit in later]
    return verdicts


# Measuring
# -----------------------------------------------------------------------------------------


def seconds(action: Callable[[], object], runs: int = RUNS) -> float:
    """Median time of `runs` runs."""
    times = []
    for _ in range(runs):
        gc.collect()
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def agree(activity: pl.DataFrame, items: pl.DataFrame) -> None:
    """The three versions give the same scores on the visits that are scored by hand."""
    some, graded = activity.head(BY_HAND), items.head(BY_HAND)
    rows, graded_rows = some.to_dicts(), graded.to_dicts()
    frame, graded_frame = pd.DataFrame(rows), pd.DataFrame(graded_rows)
    letters = library_bilag(graded).cast(pl.String)
    assert library_sledai(some).to_list() == by_hand_sledai(rows)
    assert pandas_sledai(frame).to_list() == by_hand_sledai(rows)
    assert letters.to_dicts() == by_hand_bilag(graded_rows)
    assert pandas_bilag(graded_frame).to_dict("records") == by_hand_bilag(graded_rows)
    assert library_sri(some, graded).to_list() == by_hand_sri(rows, graded_rows)
    assert pandas_sri(frame, graded_frame).to_list() == by_hand_sri(rows, graded_rows)


def in_pandas(table: pl.DataFrame) -> pd.DataFrame:
    """The table with NumPy columns."""
    return pd.DataFrame({name: table[name].to_numpy() for name in table.columns})


def compare(visits: int) -> None:
    """The library beside its peers, after they agreed."""
    activity, items = tables(visits)
    agree(activity, items)
    some, graded = activity.head(BY_HAND).to_dicts(), items.head(BY_HAND).to_dicts()
    frame, graded_frame = in_pandas(activity), in_pandas(items)
    print(f"{visits:,} visits, median of {RUNS} runs, million visits per second")
    heads = ("library", "pandas", "by hand", "reading", "× pandas", "× by hand")
    print(" " * 16 + "".join(f"{head:>10}" for head in heads))
    contests = {
        "selena-sledai": (
            lambda: library_sledai(activity),
            lambda: pandas_sledai(frame),
            lambda: by_hand_sledai(some),
            [activity],
        ),
        "bilag-2004": (
            lambda: library_bilag(items),
            lambda: pandas_bilag(graded_frame),
            lambda: by_hand_bilag(graded),
            [items],
        ),
        "items to sri-4": (
            lambda: library_sri(activity, items),
            lambda: pandas_sri(frame, graded_frame),
            lambda: by_hand_sri(some, graded),
            [activity, items],
        ),
    }
    for name, (fast, columns, hand, inputs) in contests.items():
        rates = [
            visits / seconds(fast) / 1e6,
            visits / seconds(columns) / 1e6,
            BY_HAND / seconds(hand) / 1e6,
            visits / reading(inputs) / 1e6,
        ]
        shown = "".join(f"{rate:>10.3f}" for rate in rates)
        print(f"{name:>16}{shown}{rates[0] / rates[1]:>10.1f}{rates[0] / rates[2]:>10.0f}")


def reading(inputs: list[pl.DataFrame]) -> float:
    """Seconds to read the tables from Parquet."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.parquet" for number in range(len(inputs))]
        for table, path in zip(inputs, paths, strict=True):
            table.write_parquet(path)
        return seconds(lambda: [pl.read_parquet(path) for path in paths])


def growth(largest: int) -> None:
    """Time per visit from 10,000 visits up: it stays level when growth is linear."""
    print("\nbilag-2004, nanoseconds per visit (median of 3) and peak memory by number of visits")
    print(
        "".join(f"{head:>20}" for head in ("visits", "in memory", "Parquet to Parquet", "peak MB"))
    )
    visits = 10_000
    while visits <= largest:
        with tempfile.TemporaryDirectory() as folder:
            source = large_file(Path(folder), visits)
            whole = 0.0
            if visits <= IN_MEMORY:
                whole = per_visit(lambda source=source: score_whole(source), visits)
            pieces = per_visit(lambda source=source: score_pieces(source), visits)
            most = in_own_process(score_pieces, source) / 1e6
        shown = f"{whole:>20.0f}" if visits <= IN_MEMORY else f"{'':>20}"
        print(f"{visits:>20,}{shown}{pieces:>20.0f}{most:>20.0f}")
        visits *= 10


def per_visit(action: Callable[[], object], visits: int) -> float:
    """Nanoseconds per visit."""
    return seconds(action, 3) / visits * 1e9


def large_file(folder: Path, visits: int) -> Path:
    """BILAG-2004 items in Parquet: up to a million visits, repeated under other participants."""
    part, whole = folder / "part.parquet", folder / "visits.parquet"
    items = tables(min(visits, IN_MEMORY))[1]
    items.write_parquet(part)
    others = items["participant"].max() + 1
    repeats = (
        pl.scan_parquet(part).with_columns(pl.col("participant") + number * others)
        for number in range(visits // len(items))
    )
    pl.concat(list(repeats)).sink_parquet(whole)
    return whole


def memory(visits: int) -> None:
    """Peak memory of a score with its input, over the input; and of scoring Parquet in pieces.

    Each is measured in a process of its own, where nothing was held and freed before.
    """
    items = tables(visits)[1]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "visits.parquet"
        items.write_parquet(source)
        whole, pieces = (in_own_process(way, source) for way in (score_whole, score_pieces))
    size = items.estimated_size()
    print(f"\nbilag-2004, {visits:,} visits of {size / 1e6:.0f} MB")
    print(f"  in memory, input included: peak {whole / size:.2f} × input")
    print(f"  Parquet to Parquet in pieces: peak {pieces / 1e6:.0f} MB")


def in_own_process(way: Callable[[Path], None], source: Path) -> float:
    """The peak of a way to score, in a fresh process."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(peak, (way, source))


def score_whole(source: Path) -> None:
    """Read the table and score it."""
    sle.score("bilag-2004", pl.read_parquet(source, memory_map=False))


def score_pieces(source: Path) -> None:
    """Score the file without reading it whole."""
    score_file("bilag-2004", source, source.with_name("scores.parquet"))


def peak(way: Callable[[Path], None], source: Path) -> float:
    """Bytes above the start that this process held at most meanwhile (Linux)."""
    before = resident("VmRSS")
    way(source)
    return resident("VmHWM") - before


def resident(name: str) -> float:
    """A memory figure of this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) * 1024


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    memory(min(wanted, IN_MEMORY))
    compare(min(wanted, IN_MEMORY))
    growth(wanted)
