"""Times to an event: curves, tests, proportional hazards, competing and recurrent events."""
