"""A study that agrees with its record, one fact of it changed: one finding, with its place.

The record is that of `samples/study.json`; `test_compare.py` changes the record instead.
"""

from datetime import date
from typing import Any

import pytest

from records.compare.changes import against, replaced
from trialwright.protocol import Study

DAY = date(2020, 2, 29)
TABLE: list[tuple[str, Any, str, str]] = [
    # place in the study, other value, finding, words of its message
    ("identity.registrations.0.id", "NCT90000009", "TWC101 identity.registrations", "the record is NCT90000001, the study names NCT90000009"),
    ("identity.other_ids", (), "TWC102 identity.other_ids.NH-17", "states 'NH-17', the study leaves it out"),
    ("identity.registrations.1.id", "2020-000001-1", "TWC102 identity.other_ids.2020-000001-11", "states '2020-000001-11'"),
    ("identity.official_title", None, "TWC103 identity.official_title", "the study leaves it out"),
    ("identity.official_title", "A Trial of Stopping Hydroxychloroquine", "TWC103 identity.official_title", "Quiet Lupus"),
    ("identity.conditions.0", "Lupus", "TWC104 identity.conditions.Systemic Lupus Erythematosus", "leaves it out"),
    ("identity.conditions.1", None, "TWC104 identity.conditions.Lupus Nephritis", "leaves it out"),
    ("identity.keywords.1", None, "TWC105 identity.keywords.flare", "leaves it out"),
    ("sponsor.name", "North Hospital", "TWC106 sponsor.name", "the record says 'Northern Hospital', the study 'North Hospital'"),
    ("sponsor.collaborators", (), "TWC107 sponsor.collaborators.Southern Hospital", "leaves it out"),
    ("sponsor.officials.0.name", "Ada Sample", "TWC109 sponsor.officials.Ada Example, MD", "leaves it out"),
    ("sponsor.officials.0.role", "study chair", "TWC109 sponsor.officials.Ada Example, MD.role", "'Principal Investigator', the study 'study chair'"),
    ("sponsor.officials.0.affiliation", None, "TWC109 sponsor.officials.Ada Example, MD.affiliation", "the study leaves it out"),
    ("sites.0.name", "North", "TWC110 sites.Northern Hospital", "leaves it out"),
    ("sites.0.city", "Bodo", "TWC110 sites.north.city", "the record says 'Tromso', the study 'Bodo'"),
    ("sites.1.country", None, "TWC110 sites.south.country", "the study leaves it out"),
    ("status.overall", "completed", "TWC201 status.overall", "'recruiting', the study 'completed'"),
    ("status.start.on", DAY, "TWC202 status.start", "'2021-03', the study '2020-02-29'"),
    ("status.start.type", "estimated", "TWC202 status.start.type", "'actual', the study 'estimated'"),
    ("status.primary_completion.on", DAY, "TWC203 status.primary_completion", "'2023-12-31'"),
    ("status.primary_completion", None, "TWC203 status.primary_completion", "leaves it out"),
    ("status.completion.type", "actual", "TWC204 status.completion.type", "'estimated', the study 'actual'"),
    ("status.first_posted", None, "TWC205 status.first_posted", "'2021-01-05', the study leaves it out"),
    ("status.last_updated", DAY, "TWC206 status.last_updated", "'2022-02-02', the study '2020-02-29'"),
    ("status.last_verified", "March 2022", "TWC207 status.last_verified", "'2022-02', the study 'March 2022'"),
    ("status.last_verified", "soon", "TWC207 status.last_verified", "the study 'soon'"),
    ("status.sharing_of_participant_data", "no", "TWC208 status.sharing_of_participant_data", "'yes'"),
    ("design.allocation", "non-randomized", "TWC301 design.allocation", "'randomized', the study 'non-randomized'"),
    ("design.model", "crossover", "TWC302 design.model", "'parallel', the study 'crossover'"),
    ("design.purpose", "prevention", "TWC303 design.purpose", "'treatment', the study 'prevention'"),
    ("design.phase", "phase 2", "TWC304 design.phase", "'phase 2/3', the study 'phase 2'"),
    ("design.masking.roles", (), "TWC305 design.masking", "masks 2 roles, the study 0"),
    ("design.masking.roles", ("participant", "investigator"), "TWC305 design.masking", "masks outcomes assessor, participant; the study participant, investigator"),
    ("design.enrollment.count", 104, "TWC306 design.enrollment", "counts 1040 participants, the study 104"),
    ("design.enrollment.type", "actual", "TWC307 design.enrollment.type", "is estimated, the study's actual"),
    ("arms.0.type", "experimental", "TWC403 arms.go-on.type", "'active comparator', the study 'experimental'"),
    ("arms.1.title", "Halt", "TWC402 arms.Stop", "an arm 'Stop', the study none of this title"),
    ("interventions.1.name", "Diary", "TWC404 interventions.Questionnaire", "an intervention 'Questionnaire'"),
    ("interventions.0.type", "device", "TWC405 interventions.Hydroxychloroquine.type", "'drug', the study 'device'"),
    ("interventions.0.other_names", ("HCQ",), "TWC406 interventions.Hydroxychloroquine.other_names.Plaquenil", "also calls it 'Plaquenil'"),
    ("outcomes.1.record_number", None, "TWC501 outcomes.2", "outcome 2 of the record, 'Survival'"),
    ("outcomes.0.rank", "secondary", "TWC502 outcomes.flare.rank", "ranks it primary, the study secondary"),
    ("outcomes.2.time_frame", "week 26", "TWC503 outcomes.pga.time_frame", "'weeks 26 and 52', the study 'week 26'"),
    ("outcomes.2.time_frame", "months 26 and 52", "TWC503 outcomes.pga.time_frame", "months 26 and 52"),
    ("outcomes.1.measure", "Time to death", "TWC504 outcomes.survival.measure", "the record's 'Survival'"),
    ("outcomes.0.description", "A rise of 5 points", "TWC506 outcomes.flare.description", "it states 5"),
    ("criteria.4.record_number", None, "TWC601 criteria.E1", "comes from exclusion 1 of the record, 'Retinopathy'"),
    ("criteria.0.text", "Lupus by the ACR criteria.", "TWC602 criteria.I1", "the record's 1997 does not occur"),
    ("criteria.1.rule", "selena_sledai <= 4", "TWC604 criteria.I2.4", "the record says < 4, the rule <= 4"),
    ("criteria.1.rule", "selena_sledai > 4", "TWC604 criteria.I2.4", "the record says < 4, the rule > 4"),
    ("criteria.1.rule", "4 < selena_sledai", "TWC604 criteria.I2.4", "the record says < 4, the rule > 4"),
    ("criteria.1.rule", "selena_sledai < 6", "TWC608 criteria.I2", "the rule uses 6"),
    ("criteria.3.record_number", 4, "TWC605 criteria.I4", "the record has no inclusion criterion 4"),
    ("criteria.3.rule", 'age >= 21 and sex == "F"', "TWC606 criteria.minimumAge", "minimumAge is 18 Years"),
    ("criteria.3.rule", 'age <= 18 and sex == "F"', "TWC606 criteria.minimumAge", "no rule on age says so"),
    ("criteria.3.rule", "age >= 18", "TWC607 criteria.sex", "admits female participants only"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value", "name", "words"), TABLE)
def test_one_other_fact_gives_one_finding(
    study: Study, place: str, value: object, name: str, words: str
) -> None:
    found = against(replaced(study, place, value), {})
    assert [each.name for each in found] == [name]
    assert words in found[0].message


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("identity.official_title", "a trial of  stopping hydroxychloroquine in quiet lupus."),
        ("identity.conditions.0", "SYSTEMIC LUPUS ERYTHEMATOSUS"),
        ("identity.other_ids", ("nh-17", "another number")),
        ("identity.keywords", ("flare", "quiet disease", "a third")),
        ("sponsor.responsible_party", "Ada Example"),
        ("sponsor.collaborators", ("Another Hospital", "southern hospital")),
        ("sponsor.officials.1.affiliation", None),  # the record states none
        ("status.start.on", date(2021, 3, 31)),  # the record states the month
        ("status.last_verified", "2022-02"),
        ("status.last_verified", "February 2022"),
        ("arms.0.title", "GO ON"),
        ("arms.0.description", "Another description."),
        ("interventions.0.other_names", ("hcq", "plaquenil", "a third")),
        ("outcomes.2.time_frame", "26 and 52 weeks"),
        ("outcomes.2.measure", "The physician's PGA, mean"),
        ("criteria.1.rule", "4 > selena_sledai"),
        ("criteria.3.rule", 'sex == "F" and 18 <= age'),
        ("criteria.4.text", "Any retinopathy, now or before."),
        ("design.masking.roles", ("outcomes assessor", "participant")),
    ],
)  # fmt: skip
def test_the_same_in_other_words_is_no_finding(study: Study, place: str, value: object) -> None:
    assert against(replaced(study, place, value), {}) == []


def test_no_finding_hides_another(study: Study) -> None:
    """Many facts of the table changed at once."""
    changed = study
    apart = {place: (value, name) for place, value, name, _ in TABLE if place.count(".") == 1}
    for place, (value, _) in apart.items():
        if value is not None and not place.startswith(("arms", "criteria", "outcomes")):
            changed = replaced(changed, place, value)
    names = [each.name for each in against(changed, {})]
    expected = {
        name
        for place, (value, name) in apart.items()
        if value is not None and not place.startswith(("arms", "criteria", "outcomes"))
    }
    assert expected <= set(names)
    assert len(names) == len(set(names))
