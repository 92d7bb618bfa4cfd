"""The policy expression language: a strict subset of CEL that answers yes, no or not known."""

from policyscan.language.diagnostics import Origin
from policyscan.language.environment import Environment
from policyscan.language.explaining.derivation import Deduction
from policyscan.language.explaining.evidence import Evidence
from policyscan.language.fast import LEFT
from policyscan.language.outcome import Outcome
from policyscan.language.program import (
    Members,
    Program,
    compile_expression,
)

__all__ = [
    "LEFT",
    "Deduction",
    "Environment",
    "Evidence",
    "Members",
    "Origin",
    "Outcome",
    "Program",
    "compile_expression",
]
