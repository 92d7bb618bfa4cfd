"""The expression language under fire: `python -m tests.campaigns`."""
