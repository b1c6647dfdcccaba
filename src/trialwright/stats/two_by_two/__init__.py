"""Tests of one active arm against one control arm with a binary outcome."""
