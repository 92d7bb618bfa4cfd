"""Stands in a mutated module before each of its functions, and calls the one that is on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any

Function = Callable[..., Any]
MutantDict = dict[str, Function]


class State:
    """What is on now."""

    module = ""
    mutant = ""
    """Its name, empty for none."""
    test = ""
    """The test that runs, while it is asked which functions a test reaches."""


reached: dict[str, set[str]] = defaultdict(set)
"""The tests that reach a function, by its name in the mutated module."""


def switched(mutants: MutantDict) -> Callable[[Function], Function]:
    """Makes a function of the original, which stands in `mutants` as `_mutmut_orig`."""

    def decorate(function: Function) -> Function:
        module = function.__module__

        @wraps(function)
        def chosen(*args: Any, **kwargs: Any) -> Any:
            original = mutants["_mutmut_orig"]
            if State.test:
                reached[f"{module}.{original.__name__}"].add(State.test)
            if State.mutant and State.module == module:
                return mutants.get(State.mutant, original)(*args, **kwargs)
            return original(*args, **kwargs)

        return chosen

    return decorate
