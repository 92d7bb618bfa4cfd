"""Secrets, where they are kept and where their values come from."""
