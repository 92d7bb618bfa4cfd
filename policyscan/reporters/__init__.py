"""The formats of a report, one module each; every one is a pure function of the report."""
