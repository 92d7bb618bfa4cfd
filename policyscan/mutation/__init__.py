"""Mutants of policies: small mistakes put in on purpose, which a policy's own tests have to find."""

from policyscan.mutation.model import Mutant
from policyscan.mutation.mutants import mutants_of

__all__ = ["Mutant", "mutants_of"]
