"""TWP1xx: a design that contradicts itself."""

from collections.abc import Iterator

from trialwright.protocol.finding import Finding
from trialwright.protocol.study import Study


def design_findings(study: Study) -> Iterator[Finding]:
    """Contradictions within arms, sequences, masking and randomization."""
    yield from _crossover(study)
    yield from _masking(study)
    yield from _blocks(study)
    yield from _doses(study)


def _crossover(study: Study) -> Iterator[Finding]:
    if not study.is_crossover:
        if study.sequences or study.periods:
            message = f"a {study.design.model} design has no sequences or periods"
            yield Finding("TWP101", "design.model", message, "remove them, or name it a crossover")
        return
    if not study.sequences or len(study.periods) < 2:
        message = "a crossover needs sequences and at least two periods"
        yield Finding("TWP101", "design.model", message, "state them, or name the design parallel")
    for sequence in study.sequences:
        if len(sequence.arms) != len(study.periods):
            message = f"{len(sequence.arms)} arms in {len(study.periods)} periods"
            yield Finding("TWP102", f"sequences.{sequence.id}", message, "give an arm per period")
    taken = {arm for sequence in study.sequences for arm in sequence.arms}
    for arm in study.arms:
        if arm.id not in taken:
            message = "no sequence takes this arm"
            yield Finding("TWP103", f"arms.{arm.id}", message, "add it to a sequence")


def _masking(study: Study) -> Iterator[Finding]:
    roles = study.design.masking.roles
    placebos = [arm for arm in study.arms if arm.type in {"placebo comparator", "sham comparator"}]
    if placebos and not roles:
        message = f"{placebos[0].title} is a placebo, yet nobody is masked"
        yield Finding("TWP104", "design.masking", message, "state who is masked")
    if "participant" in roles and any(arm.type == "no intervention" for arm in study.arms):
        message = "participants are masked, yet one arm gets no intervention"
        yield Finding("TWP105", "design.masking", message, "give the arm a placebo, or unmask")


def _blocks(study: Study) -> Iterator[Finding]:
    randomization = study.randomization
    total = sum(randomization.ratio.values())
    for size in randomization.block_sizes:
        if size % total:
            message = f"a block of {size} cannot hold the ratio, whose sum is {total}"
            yield Finding(
                "TWP106", "randomization.block_sizes", message, f"take multiples of {total}"
            )
    if study.design.allocation != "randomized":
        message = (
            f"the allocation is {study.design.allocation}, yet allocations are drawn at random"
        )
        yield Finding("TWP107", "design.allocation", message, "make the two agree")


def _doses(study: Study) -> Iterator[Finding]:
    interventions = {each.id: each for each in study.interventions}
    for arm in study.arms:
        doses = {
            schedule.dose
            for name in arm.interventions
            for schedule in interventions[name].schedules
        }
        if arm.dose is not None and doses and arm.dose not in doses:
            stated = ", ".join(f"{dose:g}" for dose in sorted(doses))
            message = f"the dose is {arm.dose:g}, yet its interventions give {stated}"
            yield Finding("TWP108", f"arms.{arm.id}", message, "make the two agree")
