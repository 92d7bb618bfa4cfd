"""Mutants of the evaluator: code that is wrong in one place, which a test has to notice."""
