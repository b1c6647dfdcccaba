"""Counts of events under observation of different lengths."""
