from simulation.shipped import enlarged, fingerprint, load
from trialwright.simulation import replicates, simulate


def test_two_workers_give_what_one_gives():
    study = enlarged(load("infection"), 8)
    one = list(replicates(study, "emax", 3, range(2), fingerprint))
    two = list(replicates(study, "emax", 3, range(2), fingerprint, workers=2))
    assert one == two
    assert len(set(one)) == 2


def test_a_replicate_is_the_trial_of_its_number():
    study = enlarged(load("infection"), 8)
    (second,) = replicates(study, "emax", 3, range(1, 2), fingerprint)
    assert second == fingerprint(simulate(study, "emax", 3, trial=1, reasons=False))
