"""The commands in the documents do what the documents show.

A fenced block marked `console` holds commands, each after `$ `, and what they print. A line `…` stands for any
lines; `…` within a line for any words. `make` is not run here: `make test` is running this test, and `make
run` rehearses what other tests rehearse.
"""

import re
import shutil
from pathlib import Path

import pytest

from trialwright.cli.main import run_words

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def shown_commands(page: Path) -> list[tuple[str, str]]:
    """Each command of a page with the output that the page shows."""
    commands = []
    for block in BLOCK.findall(page.read_text()):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            commands.append((command, output))
    return commands


def pattern(output: str) -> re.Pattern[str]:
    """A pattern for the output as shown: `…` alone on a line is any lines, within one any words."""
    lines = [
        r"(?:.*\n)*?"
        if line.strip() == "…"
        else re.escape(line.rstrip()).replace("…", ".*") + r"\s*\n"
        for line in output.splitlines()
        if line.strip()
    ]
    return re.compile("".join(lines))


CASES = [
    pytest.param(shown, id=str(page.relative_to(ROOT)))
    for page in PAGES
    if page.exists()
    if (shown := [each for each in shown_commands(page) if each[0].startswith("trialwright ")])
]


@pytest.mark.parametrize("shown", CASES)
def test_the_commands_of_a_page_print_what_it_shows(shown, tmp_path, monkeypatch, capsys):
    for folder in ("studies", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    for command, output in shown:
        code = run_words(command.split()[1:])
        printed = capsys.readouterr()
        text = "".join(f"{line.rstrip()}\n" for line in printed.out.splitlines() if line.strip())
        assert code in {0, 1}, f"{command}\n{printed.err}"
        assert pattern(output).search(text), f"{command}\n\nprinted:\n{text}\nshown:\n{output}"


def test_links_within_the_documents_lead_somewhere():
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        if page.exists()
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []
