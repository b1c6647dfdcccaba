"""Every verb refuses every unusable file alike: one message, place and remedy, nothing written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from trialwright import sle

ROOT: Final = Path(__file__).parents[2]
SMALL: Final = ROOT / "tests/protocol/small.yaml"
RECORD: Final = ROOT / "tests/records/samples/study.json"

PEOPLE: Final = b"participant,age,alt\nP1,34,20\nP2,35,21\n"
VISITS: Final = b"participant,visit,rash,arthritis\nP1,0,yes,no\nP1,4,no,yes\n"
CASES: Final = b'{"topic": "binary", "cases": []}'

# Each verb with the file under test as {file}, a place to write as {out}, and a whole such file.
VERBS: Final[dict[str, tuple[list[str], bytes]]] = {
    "record": (["record", "{file}"], RECORD.read_bytes()),
    "record --lint": (["record", "{file}", "--lint", "--json"], RECORD.read_bytes()),
    "check": (["check", "{file}"], SMALL.read_bytes()),
    "check --record": (["check", str(SMALL), "--record", "{file}"], RECORD.read_bytes()),
    "screen, its study": (["screen", "{file}", "{people}"], SMALL.read_bytes()),
    "screen, its people": (["screen", str(SMALL), "{file}"], PEOPLE),
    "score": (["score", "selena-sledai", "{file}", "--out", "{out}"], VISITS),
    "score --check": (["score", "selena-sledai", "{file}", "--check", "--json"], VISITS),
    "randomize": (["randomize", "{file}", "--seed", "1", "--out", "{out}"], SMALL.read_bytes()),
    "rehearse": (["rehearse", "{file}", "--out", "{out}"], SMALL.read_bytes()),
    "analyze, its study": (["analyze", "{file}", "{data}", "--out", "{out}"], SMALL.read_bytes()),
    "verify": (["verify", "{file}"], CASES),
}

# What a file can be instead of what it should be, made of a whole one.
UNUSABLE: Final[dict[str, Callable[[bytes], bytes]]] = {
    "empty": lambda whole: b"",
    "blank": lambda whole: b" \n\n\t\n",
    "binary": lambda whole: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe\x00",
    "of zeros": lambda whole: bytes(4096),
    "in UTF-16": lambda whole: whole.decode().encode("utf-16"),
    "in Latin-1": lambda whole: whole[:20] + "Behçet".encode("latin-1") + whole[20:],
    "a page of the web": lambda whole: b"<!doctype html><html><body>Not found</body></html>\n",
    "nested without end": lambda whole: b"[" * 400,
}


@pytest.fixture
def refuse(trialwright: Callable[..., Any], tmp_path: Path) -> Callable[..., str]:
    """Run a verb on a file; what it says on stderr once it has refused the file as it should."""
    (tmp_path / "people.csv").write_bytes(PEOPLE)
    (tmp_path / "data").mkdir()

    def run(verb: str, file: Path) -> str:
        places = {"file": file, "out": tmp_path / "out.csv", "people": tmp_path / "people.csv"}
        words = [word.format(data=tmp_path / "data", **places) for word in VERBS[verb][0]]
        before = sorted(tmp_path.rglob("*"))
        ran = trialwright(*words)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.count("error: ") == 1
        assert ran.err.startswith("error: ")
        assert file.name in ran.err.replace("\n", "")
        assert "Traceback" not in ran.err
        assert sorted(tmp_path.rglob("*")) == before
        return ran.err

    return run


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", UNUSABLE)
def test_a_file_that_is_something_else(refuse, tmp_path, verb, kind):
    file = tmp_path / "given.file"
    file.write_bytes(UNUSABLE[kind](VERBS[verb][1]))
    assert len(refuse(verb, file)) < 2000


@pytest.mark.parametrize("verb", VERBS)
def test_a_file_that_is_not_there(refuse, tmp_path, verb):
    refuse(verb, tmp_path / "nowhere.file")


@pytest.mark.parametrize("verb", ["record", "check --record", "verify"])
def test_json_nested_beyond_any_stack(refuse, tmp_path, verb):
    (tmp_path / "deep.json").write_bytes(b'{"cases": ' + b"[" * 50_000)
    refuse(verb, tmp_path / "deep.json")


@pytest.mark.parametrize("verb", VERBS)
def test_a_directory_instead_of_a_file(refuse, tmp_path, verb):
    (tmp_path / "folder.csv").mkdir()
    refuse(verb, tmp_path / "folder.csv")


@pytest.mark.parametrize("verb", ["record", "check", "check --record", "screen, its study",
                                  "randomize", "rehearse", "analyze, its study", "verify"])  # fmt: skip
@pytest.mark.parametrize("share", [0.3, 0.5, 0.97])
def test_a_file_cut_short(refuse, tmp_path, verb, share):
    # tables of rows can be whole after a cut; those are tested where they are read
    whole = VERBS[verb][1]
    file = tmp_path / "given.file"
    file.write_bytes(whole[: int(len(whole) * share)])
    refuse(verb, file)


@pytest.mark.parametrize(
    ("change", "place", "what", "remedy"),
    [
        ("rule: age >= 18 -> rule: agee >= 18", "criteria.0.rule", "agee", "did you mean age?"),
        ("count: 24 -> count: -24", "design.enrollment.count", "greater than 0", ""),
        ("count: 24 -> count: 2.5", "design.enrollment.count", "valid integer", ""),
        ("count: 24 -> count: .inf", "study.yaml", "inf is not a number", ""),
        ("dose: 5} -> dose: .nan}", "study.yaml", "nan is not a number", ""),
        ("to_day: 84 -> to_day: 0", "to_day", "greater than 0", ""),
        ("block_sizes: [2, 4] -> block_sizes: []", "block_sizes", "at least 1 item", ""),
        ("alpha: 0.05 -> alpha: 1.5", "multiplicity.alpha", "less than 1", ""),
        ("maximum: 120 -> maximum: 0", "forms.0.items.0.range", "not below maximum", ""),
        ("{id: south -> {id: north", "sites.1.id", "'north' is defined twice", "rename one"),
        ("visits: [week-12]} -> visits: [week-13]}", "visits.0", "'week-13'", "mean week-12?"),
    ],
)
@pytest.mark.parametrize("verb", ["check", "randomize"])
def test_a_study_with_one_word_wrong(refuse, tmp_path, verb, change, place, what, remedy):
    old, new = change.split(" -> ")
    text = SMALL.read_text()
    assert old in text
    file = tmp_path / "study.yaml"
    file.write_text(text.replace(old, new, 1))
    said = refuse(verb, file)
    assert place in said
    assert what in said
    assert remedy in said


@pytest.mark.parametrize(
    ("text", "place", "what", "remedy"),
    [
        ("age,alt\n34,20\n", "people.csv", "column participant is missing", "one row per"),
        ("participant,agee\nP1,34\n", "column agee", "no form", "did you mean age?"),
        ("participant,age\nP1,-1\n", "row 2, column age", "out of range", "0 to 120"),
        ("participant,age\nP1,1e400\n", "row 2, column age", "is no number", "write a number"),
        ("participant,age\nP1,NaN\n", "row 2, column age", "is no number", "write a number"),
        ("participant,age\nP1,34 years\n", "row 2, column age", "is no number", "without the unit"),
        ("participant,age\nP1,34\nP1,34\n", "row 3", "a second time", "one row per participant"),
        ("participant,age\nP1,34\nP2\n", "row 3", "1 cells, the header has 2", "cut short"),
        ("participant,sex\nP1,f\n", "row 2, column sex", "is no code", "write one of F, M"),
        ("participant,alt_date\nP1,4.1.26\n", "column alt_date", "is no date", "2026-01-31"),
    ],
)
def test_people_with_one_cell_wrong(refuse, tmp_path, text, place, what, remedy):
    file = tmp_path / "people.csv"
    file.write_text(text)
    said = refuse("screen, its people", file)
    assert place in said
    assert what in said
    assert remedy in said


@pytest.mark.parametrize(
    ("old", "new", "place", "what"),
    [
        (b"participant", b"patient", "given.file", "column participant is missing"),
        (b"visit", b"week", "given.file", "column visit is missing"),
        (b"rash", b"rush", "given.file", "column"),
        (b"P1,4,no", b"P1,4,perhaps", "row 2, column rash", "'perhaps'"),
        (b"P1,4", b"P1,0", "row 2", "a second time"),
    ],
)
def test_visits_with_one_word_wrong(refuse, tmp_path, old, new, place, what):
    # given all items of the index, absent
    keys = [item.key for item in sle.instrument("selena-sledai").items]
    rows = [",".join(["participant", "visit", *keys])]
    rows += [",".join(["P1", visit, *["no"] * len(keys)]) for visit in ("0", "4")]
    text = "\n".join(rows).encode()
    if old == b"P1,4,no":
        text = text.replace(b"P1,4," + b"no," * (keys.index("rash") + 1),
                            b"P1,4," + b"no," * keys.index("rash") + b"perhaps,")  # fmt: skip
    else:
        text = text.replace(old, new)
    file = tmp_path / "given.file"
    file.write_bytes(text)
    # then
    said = refuse("score", file)
    assert place in said
    assert what in said
