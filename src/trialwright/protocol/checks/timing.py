"""TWP2xx: days and dates that cannot all be true."""

from collections.abc import Iterator
from itertools import pairwise

from trialwright.protocol.capture import Visit
from trialwright.protocol.finding import Finding
from trialwright.protocol.study import Study


def timing_findings(study: Study) -> Iterator[Finding]:
    """Contradictions between visits, windows, periods, schedules and dates."""
    yield from _visits(study)
    yield from _periods(study)
    yield from _schedules(study)
    yield from _dates(study)


def _visits(study: Study) -> Iterator[Finding]:
    for earlier, later in pairwise(study.visits):
        place = f"visits.{later.id}"
        if later.day <= earlier.day:
            message = f"day {later.day} is not after day {earlier.day} of {earlier.id}"
            yield Finding("TWP201", place, message, "list the visits in order")
        elif _first_day(later) <= _last_day(earlier):
            message = (
                f"its window opens on day {_first_day(later)}, before that of {earlier.id} "
                f"closes on day {_last_day(earlier)}"
            )
            yield Finding("TWP202", place, message, "narrow a window")
    for kind in ("screening", "baseline"):
        if not any(visit.kind == kind for visit in study.visits):
            message = f"no visit is of the kind {kind}"
            yield Finding("TWP203", "visits", message, f"mark the {kind} visit")


def _periods(study: Study) -> Iterator[Finding]:
    for earlier, later in pairwise(study.periods):
        if later.from_day <= earlier.to_day:
            message = f"it begins on day {later.from_day}, before {earlier.id} ends"
            yield Finding("TWP204", f"periods.{later.id}", message, "separate the periods")
    for period in study.periods:
        kinds = {visit.kind for visit in study.visits if visit.period == period.id}
        if "baseline" not in kinds or not kinds - {"baseline"}:
            message = "it has no baseline visit or no visit after it"
            yield Finding("TWP205", f"periods.{period.id}", message, "add the visit")


def _schedules(study: Study) -> Iterator[Finding]:
    spans = [period.to_day - period.from_day + 1 for period in study.periods]
    last = max(spans) if study.is_crossover and spans else study.visits[-1].day
    for intervention in study.interventions:
        for schedule in intervention.schedules:
            place = f"interventions.{intervention.id}"
            if schedule.to_day < schedule.from_day:
                message = f"a schedule ends on day {schedule.to_day}, before it begins"
                yield Finding("TWP206", place, message, "swap the days")
            elif schedule.to_day > last:
                message = f"doses are due until day {schedule.to_day}, after the last day {last}"
                yield Finding("TWP207", place, message, "end the schedule, or add a visit")


def _dates(study: Study) -> Iterator[Finding]:
    status = study.status
    dates = [
        ("start", status.start),
        ("primary_completion", status.primary_completion),
        ("completion", status.completion),
    ]
    stated = [(name, date.on) for name, date in dates if date]
    for (before, earlier), (after, later) in pairwise(stated):
        if later < earlier:
            message = f"{after} on {later} comes before {before} on {earlier}"
            yield Finding("TWP208", f"status.{after}", message, "correct one of the dates")


def _first_day(visit: Visit) -> int:
    return visit.day - visit.window.before


def _last_day(visit: Visit) -> int:
    return visit.day + visit.window.after
