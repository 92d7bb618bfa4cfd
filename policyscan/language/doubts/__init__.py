"""Finds conditions whose outcome hangs on nothing: those that are always true, or always false."""
