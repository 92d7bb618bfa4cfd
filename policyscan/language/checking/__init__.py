"""Judges a tree before it may run."""
