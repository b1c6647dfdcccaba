"""The program as a whole: help, exit codes, and errors without a traceback."""

import subprocess
import sys

import pytest

from trialwright.cli.main import VERBS


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_explains_itself_with_an_example(trialwright, verb):
    ran = trialwright(verb, "--help")
    assert ran.code == 0
    assert f"trialwright {verb}" in ran.out.replace("Usage: ", "")
    assert "Example:" in ran.out


def test_help_lists_every_verb(trialwright):
    ran = trialwright("--help")
    assert ran.code == 0
    assert all(verb in ran.out for verb in VERBS)


@pytest.mark.parametrize("words", [["reherse"], ["check"], ["check", "--unknown", "x"]])
def test_words_that_make_no_sense_exit_with_2(trialwright, words):
    ran = trialwright(*words)
    assert ran.code == 2
    assert "Traceback" not in ran.err
    assert ran.err


def test_unusable_input_is_one_message_and_exit_code_2(trialwright, tmp_path):
    ran = trialwright("check", tmp_path / "nowhere.yaml")
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("error: ")
    assert "nowhere.yaml" in ran.err


def test_the_program_on_the_path_exits_with_its_code(tmp_path):
    program = f"{sys.prefix}/bin/trialwright"
    done = subprocess.run(
        [program, "check", str(tmp_path / "nowhere.yaml")], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "error: " in done.stderr
