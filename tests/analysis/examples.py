"""Whole trials made by hand that several tests look at."""

from analysis.trials import SLEDAI_8, SLEDAI_12, Found, Person, dose_finding

POST = ("week-4", "week-8", "week-12", "week-16", "week-20", "week-24")


def people(count=24, arms=None):
    """Each third responds from week 8 on, each seventh misses week 12, each eighth stops."""
    study = dose_finding()
    arms = arms or [arm.id for arm in study.arms]
    made = []
    for number in range(count):
        base = SLEDAI_12 if number % 2 else SLEDAI_8
        visits = {"screening": Found(), "baseline": Found(sledai=base)}
        for week, visit in enumerate(POST):
            fell = week > 0 and number % 3 == 0
            visits[visit] = Found(
                sledai=("arthritis",) if fell else SLEDAI_8,
                pga=1.0 + number % 5 / 4,
                numbers={"alt": 20 + number},
            )
        if number % 7 == 0:
            visits["week-12"] = None
        made.append(
            Person(
                f"P{number:02}",
                arms[number // 2 % len(arms)],
                visits,
                stratum=f"site=pkuph; activity={('below-12', 'from-12')[number % 2]}",
                treatment_ended=(60, "adverse event") if number % 8 == 0 else None,
                age=25.0 + number,
            )
        )
    return made


EVENTS = [{"participant": f"P{number:02}", "started": 9 + number} for number in range(0, 20, 3)]


NUMBERS = ("regulatory_t_cells", "granzyme_b_cd8", "epstein_barr_dna", "cytomegalovirus_dna")


def measured(value):
    return Found(sledai=("arthritis",), numbers=dict.fromkeys(NUMBERS, value))


def parallel():
    """Change by 1 on standard therapy and by 3 on IL-2, give or take a little."""
    return [
        Person(
            f"P{number}",
            arm,
            {
                "week-0": measured(10.0 + number),
                "week-10": measured(10.0 + number + change + number % 3 / 10),
            },
            stratum="all participants",
            ended=(71, "completed"),
        )
        for number, (arm, change) in enumerate([("standard-therapy", 1.0), ("il-2", 3.0)] * 6)
    ]
