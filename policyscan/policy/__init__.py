"""Policies: their model, and how they are read from files."""

from policyscan.policy.loader import load_policies
from policyscan.policy.model import Catalogue, Equivalent, Parameter, Policy, PolicyStub, PolicyTest
from policyscan.policy.reader import load_equivalents, load_tests

__all__ = [
    "Catalogue",
    "Equivalent",
    "Parameter",
    "Policy",
    "PolicyStub",
    "PolicyTest",
    "load_equivalents",
    "load_policies",
    "load_tests",
]
