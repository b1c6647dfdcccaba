"""The study's own words for its arms, visits, items and sets."""

from dataclasses import dataclass

from trialwright.analysis.multiplicity import confidence_level
from trialwright.analysis.results import AnalysisResult
from trialwright.protocol import Study
from trialwright.protocol.outcomes import Change, Estimand
from trialwright.report.numbers import level


@dataclass(frozen=True, slots=True)
class Words:
    """Titles by id."""

    study: Study

    @property
    def level(self) -> float:
        """Of the two-sided intervals that agree with the study's tests."""
        return confidence_level(self.study.multiplicity)

    @property
    def interval(self) -> str:
        """What limits are called: `95% interval` where the study tests two sides at 5%."""
        return f"{level(self.level)} interval"

    def group(self, name: str) -> str:
        """The title of an arm or sequence; `all` is everybody."""
        if name == "all":
            return "All"
        titles = {each.id: each.title for each in self.study.arms}
        titles |= {each.id: each.title for each in self.study.sequences}
        return titles.get(name, name)

    def visit(self, name: str) -> str:
        """The title of a visit."""
        return self.study.visit(name).title

    def population(self, name: str) -> str:
        """The title of an analysis set, as it stands within a sentence."""
        title = next(each.title for each in self.study.analysis_sets if each.id == name)
        return within(title)

    def criterion(self, name: str) -> str:
        """The text of a criterion; other reasons stand as they are."""
        found = next((each for each in self.study.criteria if each.id == name), None)
        return f"{name} {found.text}" if found else raised(name)

    def week(self, visit: str) -> float:
        """Weeks from the day of the first dose."""
        day = self.study.visit(visit).day
        return (day - 1 if day > 0 else day) / 7

    def estimand(self, result: AnalysisResult) -> Estimand:
        """The estimand of a result."""
        return self.study.estimand(result.estimand)

    def measure(self, result: AnalysisResult) -> str:
        """What a change is a change of, such as `SELENA-SLEDAI`."""
        variable = self.estimand(result).variable
        return self.item(variable.item) if isinstance(variable, Change) else ""

    def item(self, name: str) -> str:
        """The title of a form, whose score bears its id, or the label of an item."""
        for form in self.study.forms:
            if form.id == name:
                return form.title
            for item in form.items:
                if item.id == name:
                    return item.label
        return name

    def unit(self, result: AnalysisResult) -> str:
        """The unit of a change: points for a score, log10 of the unit on a logarithmic scale."""
        variable = self.estimand(result).variable
        if not isinstance(variable, Change):
            return ""
        items = {item.id: item for form in self.study.forms for item in form.items}
        if variable.item not in items:
            return "points"
        unit = readable_unit(items[variable.item].unit or "")
        return f"log10 {unit}" if variable.scale == "log10" else unit


def raised(text: str) -> str:
    """The text with a capital at its start, and no other letter changed."""
    return text[0].upper() + text[1:]


def within(title: str) -> str:
    """A title as it stands within a sentence: `week 12`, but `ITT set`."""
    return title[0].lower() + title[1:] if title[1:2].islower() else title


def readable_unit(unit: str) -> str:
    """A UCUM unit as people write it."""
    readable = {
        "1": "",
        "a": "years",
        "%": "percentage points",
        "{copies}/mL": "copies/mL",
        "mm[Hg]": "mmHg",
        "Cel": "°C",
        "umol/L": "µmol/L",
        "[iU]/mL": "IU/mL",
        "g/(24.h)": "g/24 h",
        "mg/d": "mg/day",
        "10*9/L": "10⁹/L",
        "10*6/L": "10⁶/L",
        "10*6.[iU]": "MIU",
    }
    return readable.get(unit, unit)
