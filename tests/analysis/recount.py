"""The dose-finding trial counted again by a second programmer: dictionaries, loops, no tables.

Written apart from the analysis: from the raw items, with the plain references of the instruments
that the tests hold, and with dates compared one by one.
"""

from collections import defaultdict
from datetime import timedelta
from functools import cache

from sle.bilag_2004 import reference as bilag
from sle.sledai import reference as sledai
from sle.sri import reference as sri
from trialwright.trialdata import TrialData

PARTS = ("sledai", "bilag", "pga")


class Recount:
    """A trial as dictionaries by participant."""

    def __init__(self, study, data: TrialData) -> None:
        self.study = study
        self.people = {row["participant"]: row for row in data.participants.to_dicts()}
        self.arm = {row["participant"]: row["allocated_to"] for row in data.allocations.to_dicts()}
        self.stratum = {row["participant"]: row["stratum"] for row in data.allocations.to_dicts()}
        self.criteria = data.criteria.to_dicts()
        self.doses, self.events, self.drugs = (
            grouped(table.to_dicts())
            for table in (data.exposures, data.adverse_events, data.medications)
        )
        self.visits = {(row["participant"], row["visit"]): row for row in data.visits.to_dicts()}
        self.items = defaultdict(dict)
        for row in data.item_values.to_dicts():
            place = row["participant"], row["visit"], row["form"]
            self.items[place][row["item"]] = row["number"]
        self.total, self.letters, self.first_event = map(
            cache, (self._total, self._letters, self._first_event)
        )
        self.day_1 = {who: self._day_1(who) for who in self.arm}

    def _day_1(self, who):
        """Counted back from any visit that has a study day after the first dose."""
        days = [
            row["visited_on"] - timedelta(days=row["study_day"] - 1)
            for (participant, _), row in self.visits.items()
            if participant == who and row["visited_on"] and (row["study_day"] or 0) > 0
        ]
        return min(days)

    def visit_day(self, who, visit):
        """When the visit was, or when it would have been."""
        row = self.visits.get((who, visit))
        if row and row["status"] == "attended":
            return row["visited_on"]
        day = self.study.visit(visit).day
        return self.day_1[who] + timedelta(days=day - 1 if day > 0 else day)

    # Instruments

    def _total(self, who, visit):
        """The SELENA-SLEDAI; None if an item was not assessed."""
        cells = self.items[who, visit, self.form("selena-sledai")]
        if any(cells.get(key) is None for key in sledai.ALL):
            return None
        return sum(sledai.WEIGHTS[key] for key in sledai.ALL if cells[key])

    def form(self, instrument):
        return next(form.id for form in self.study.forms if form.instrument == instrument)

    def _letters(self, who):
        """The BILAG-2004 grades by visit."""
        form = self.form("bilag-2004")
        seen = [
            (visit.id, self.items[who, visit.id, form])
            for visit in self.study.visits
            if self.items.get((who, visit.id, form))
        ]
        full = [{key: cells.get(key) for key in bilag.NUMBERED} for _, cells in seen]
        graded = bilag.grades(full)
        return {visit: letters for (visit, _), letters in zip(seen, graded, strict=True)}

    def assessment(self, who, visit):
        places = ((who, visit, form) for form in self.study.visit(visit).forms)
        return next((c["pga"] for c in map(self.items.get, places) if c and "pga" in c), None)

    def parts(self, who, visit, **how):
        """The components of SRI-4: True, False, or None where it cannot be told."""
        letters = self.letters(who)
        nothing = dict.fromkeys(bilag.SYSTEMS)
        base, now = (
            {
                "selena_sledai": self.total(who, each),
                "pga": self.assessment(who, each),
                "treatment_failure": 0,
                **letters.get(each, nothing),
            }
            for each in ("baseline", visit)
        )
        return sri.verdict(base, now, bilag.SYSTEMS, **how)

    # Intercurrent events: stopping treatment, a new immunosuppressant or biologic, more prednisone

    def _first_event(self, who):
        days = [*self.stopped(who), *self.rescued(who), *self.raised(who)]
        return min(days, default=None)

    def stopped(self, who):
        row = self.people[who]
        if row["treatment_ended_on"] and row["treatment_end_reason"] != "completed":
            yield row["treatment_ended_on"]

    def rescued(self, who):
        starts = defaultdict(list)
        for row in self.drugs[who]:
            if row["medication_class"] in ("immunosuppressant", "biologic") and row["started_on"]:
                starts[row["medication"]].append(row["started_on"])
        for days in starts.values():
            if min(days) >= self.day_1[who]:
                yield min(days)

    def raised(self, who):
        rows = [r for r in self.drugs[who] if r["medication_class"] == "glucocorticoid"]

        def dose(on):
            return sum(
                row["dose"]
                for row in rows
                if row["started_on"] <= on and (row["ended_on"] is None or row["ended_on"] > on)
            )

        base = dose(self.day_1[who])
        for row in rows:
            on = row["started_on"]
            if on > self.day_1[who] and round(dose(on) - base, 6) > 5:
                yield on

    # Responses

    def judged(self, who, visit, *, component=None, composite=True, **how):
        """(response, missing, failed) with non-response imputation."""
        event = self.first_event(who) if composite else None
        if event is not None and event < self.visit_day(who, visit):
            return False, False, True
        parts = self.parts(who, visit, **how)
        needed = [component] if component else PARTS
        answers = [parts[name] for name in needed]
        known = False in answers or None not in answers
        return all(answer is True for answer in answers), not known, False


def grouped(rows):
    found = defaultdict(list)
    for row in rows:
        found[row["participant"]].append(row)
    return found
