"""The policy expression language: a strict subset of CEL that answers yes, no or not known."""

from policyscan.language.diagnostics import Origin
from policyscan.language.explaining.derivation import Deduction
from policyscan.language.explaining.evidence import Evidence
from policyscan.language.program import (
    Environment,
    Members,
    Outcome,
    Program,
    compile_expression,
)

__all__ = [
    "Deduction",
    "Environment",
    "Evidence",
    "Members",
    "Origin",
    "Outcome",
    "Program",
    "compile_expression",
]
