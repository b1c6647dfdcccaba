"""Regression of a binary outcome."""
