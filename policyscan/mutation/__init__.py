"""Mutants of policies: small mistakes put in on purpose, which their own tests have to find."""

from policyscan.mutation.model import Change, Hint, Mutant
from policyscan.mutation.mutants import mutants_of
from policyscan.mutation.running import Mutated, mutate

__all__ = ["Change", "Hint", "Mutant", "Mutated", "mutants_of", "mutate"]
