"""The page: everything that a reader needs, in one file that asks nothing of the network."""

from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from trialwright.analysis import Results
from trialwright.protocol import Study
from trialwright.report.blocks import Block, Section, Table
from trialwright.report.harms import safety_section
from trialwright.report.outcomes import (
    index_section,
    other_section,
    primary_section,
    reach_section,
    sensitivity_section,
)
from trialwright.report.people import baseline_section, deviations_section, flow_section
from trialwright.report.provenance import Provenance
from trialwright.report.wording import findings
from trialwright.report.words import Words

TEMPLATES: Final = "templates"


def render(study: Study, results: Results, provenance: Provenance) -> str:
    """The report of a trial as HTML.

    Args:
        study: under the reading that was analyzed.
        results: of `analyze` on the trial's data.
        provenance: where the numbers come from; decides whether the page says that the
            participants are virtual.
    """
    words = Words(study)
    sections = [
        flow_section(words, results),
        baseline_section(words, results),
        primary_section(words, results),
        index_section(words, results),
        other_section(words, results),
        sensitivity_section(words, results),
        safety_section(words, results),
        reach_section(words, results),
        deviations_section(words, results),
        _assumptions(study, provenance.reading),
        _provenance(provenance),
    ]
    environment = Environment(
        loader=PackageLoader("trialwright.report", TEMPLATES),
        autoescape=select_autoescape(["html", "j2"], default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found = findings(study, results.primary())
    page = environment.get_template("report.html.j2").render(
        study=study,
        provenance=provenance,
        headline=found[0],
        sentences=found[1:],
        facts=_facts(words, results),
        sections=[section for section in sections if section],
        style=Markup(files("trialwright.report").joinpath(TEMPLATES, "style.css").read_text()),
        raw=Markup,
    )
    return page if page.endswith("\n") else page + "\n"


def _facts(words: Words, results: Results) -> list[tuple[str, str]]:
    """The trial in a few facts, below its title."""
    study = words.study
    registrations = ", ".join(each.id for each in study.identity.registrations)
    masked = len(study.design.masking.roles)
    blind = {0: "open label", 1: "single-blind", 2: "double-blind"}.get(masked, "blinded")
    return [
        ("Registration", registrations or "none"),
        ("Design", f"{study.design.allocation}, {study.design.model}, {blind}"),
        ("Arms", ", ".join(arm.title for arm in study.arms)),
        ("Randomized", f"{results.flow.randomized} of {results.flow.screened} screened"),
    ]


def _assumptions(study: Study, reading: str | None) -> Section:
    """The choices of the reading that was followed; those of the others are in the study file."""
    chosen = study.readings.get(reading) if reading else None
    rows = [(f"reading {reading}", f"{chosen.title}. {chosen.reason or ''}")] if chosen else []
    rows += [each for each in study.assumptions() if not each[0].startswith("readings.")]
    table = Table(
        caption="Choices of this study file",
        headers=("Place in the study file", "Reason"),
        rows=tuple(rows),
    )
    return Section(
        id="assumptions",
        title="Assumptions",
        lead="What the registry record does not say, and why this study file says what it says.",
        blocks=(Block(tables=(table,)) if rows else Block(paragraphs=("None is marked.",)),),
    )


def _provenance(provenance: Provenance) -> Section:
    rows = [("Study file, SHA-256", provenance.study_sha256)]
    optional = [
        ("Reading", provenance.reading),
        ("Registry record, SHA-256", provenance.record_sha256),
        ("Scenario", _scenario(provenance)),
        ("Seed", None if provenance.seed is None else str(provenance.seed)),
        ("Command", provenance.command or None),
    ]
    rows += [(name, value) for name, value in optional if value]
    versions = ", ".join(f"{name} {version}" for name, version in provenance.versions.items())
    if versions:
        rows.append(("Versions", versions))
    table = Table(caption="Provenance", headers=("What", "Which"), rows=tuple(rows))
    return Section(
        id="provenance",
        title="Where these numbers come from",
        lead="The same study file, data and versions give the same numbers.",
        blocks=(Block(tables=(table,)),),
    )


def _scenario(provenance: Provenance) -> str | None:
    if provenance.scenario is None:
        return None
    title = provenance.scenario_title
    return f"{provenance.scenario}: {title}" if title else provenance.scenario
