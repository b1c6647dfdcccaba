"""A registered study in the register's own terms."""

from trialwright.records.model.study import RegisteredStudy

__all__ = ["RegisteredStudy"]
