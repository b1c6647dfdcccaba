"""Trialwright runs a lupus trial from one protocol file."""

from importlib.metadata import version

__version__ = version("trialwright")
