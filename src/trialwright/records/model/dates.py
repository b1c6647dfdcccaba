"""Dates of a registered study: when, and whether that day has come."""

from trialwright.records.model.base import Day, PartialDate, RegisterModel
from trialwright.records.model.codes import DateType


class DateStruct(RegisterModel):
    """A day and whether it has come."""

    date: Day | None = None
    type: DateType | None = None


class PartialDateStruct(RegisterModel):
    """A day or a month and whether it has come."""

    date: PartialDate | None = None
    type: DateType | None = None
