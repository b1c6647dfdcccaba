"""How the verbs that read a record end: 0 nothing found, 1 findings, 2 no record; and what they say."""

import json
from pathlib import Path

import pytest

from trialwright.cli.main import run_words

SAMPLES = Path(__file__).parent / "samples"
FLAWS = SAMPLES / "flaws"
STUDY = SAMPLES / "study.yaml"
ENDS = [
    # words, exit code, a line of what is printed
    (["record", SAMPLES / "study.json"], 0, "Registry id             NCT90000001"),
    (["record", SAMPLES / "classic.txt"], 0, "Phase                   Phase 2; Phase 3"),
    (["record", SAMPLES / "mirror.txt"], 0, "Registry id         not stated"),
    (["record", FLAWS / "no-flaw.json", "--lint"], 0, "No findings"),
    (["record", FLAWS / "two-sizes.json", "--lint"], 1, "1 finding"),
    (["record", FLAWS / "lost-comparators.json", "--lint"], 1, "4 findings"),
    (["record", FLAWS / "lost-comparators.json"], 0, "Inclusion criteria"),
    (["check", STUDY, "--record", SAMPLES / "study.json"], 1, "quiet-lupus: 5 findings"),
    (["check", STUDY, "--record", SAMPLES / "classic.txt"], 1, "quiet-lupus: 5 findings"),
]


@pytest.mark.parametrize(("words", "code", "line"), ENDS)
def test_a_record_is_read_and_the_code_says_what_was_found(words, code, line, capsys):
    assert run_words([str(word) for word in words]) == code
    printed = capsys.readouterr()
    assert line in [each.rstrip() for each in printed.out.splitlines()]
    assert printed.err == ""


UNUSABLE = {
    "away": (None, "cannot be read"),
    "empty": (b"", "the file is empty"),
    "binary": (b"\x00\x01\x02", "binary"),
    "cut": ((SAMPLES / "study.json").read_bytes()[:2000], "the file is cut"),
    "results of a search": (b'{"studies": []}', "a page of search results"),
    "another JSON": (b'{"name": "x"}', "no `protocolSection`"),
    "a key twice": (b'{"protocolSection": {}, "protocolSection": {}}', "stands twice"),
    "a date that no calendar has": (
        b'{"protocolSection": {"statusModule": {"statusVerifiedDate": "2021-13"}}}',
        "statusVerifiedDate",
    ),
    "an infinite number": (b'{"protocolSection": {"x": 1e999}}', "a number without end"),
    "half a page": ((SAMPLES / "classic.txt").read_bytes()[:900], "cut or damaged"),
}
VERBS = {
    "record": lambda file: ["record", file],
    "record --lint": lambda file: ["record", file, "--lint"],
    "record --json": lambda file: ["record", file, "--json"],
    "check --record": lambda file: ["check", STUDY, "--record", file],
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", UNUSABLE)
def test_what_is_no_record_ends_with_2_and_one_error(verb, kind, tmp_path, capsys):
    content, what = UNUSABLE[kind]
    file = tmp_path / "record.json"
    if content is not None:
        file.write_bytes(content)
    assert run_words([str(word) for word in VERBS[verb](file)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"error: {file}")
    assert printed.err.count("error: ") == 1
    assert what in printed.err


@pytest.mark.parametrize("name", sorted(path.name for path in FLAWS.glob("*.json")))
def test_json_and_words_tell_the_same_flaws(name, capsys):
    code = run_words(["record", str(FLAWS / name), "--lint", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert run_words(["record", str(FLAWS / name), "--lint"]) == code == bool(found)
    text = capsys.readouterr().out
    for each in found:
        assert f"{each['code']} {each['name']}" in text
        assert each["reason"] in " ".join(text.split())
        assert each["section"].rsplit(".", 1)[-1] in text
