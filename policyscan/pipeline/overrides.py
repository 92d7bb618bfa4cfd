"""Whether what a configuration says of parameters fits the policies."""

from __future__ import annotations

from policyscan.config import Configuration
from policyscan.errors import UsageError
from policyscan.policy import Catalogue, Policy
from policyscan.text.complaints import suggestion


def check_parameters(configuration: Configuration, catalogue: Catalogue) -> None:
    """Raises `UsageError`, with its place, for an id, a name or a value that fits no policy."""
    policies = {policy.id: policy for policy in catalogue.policies}
    for name in configuration.parameters:
        if name not in policies:
            raise _no_policy(configuration, catalogue, name)
        _check(configuration, policies[name])


def _no_policy(configuration: Configuration, catalogue: Catalogue, name: str) -> UsageError:
    known = {item.id: item for item in catalogue.everything}
    now = next((item.id for item in known.values() if name in item.aliases), "")
    close = f"; it is called {now} now" if now else suggestion(name, known)
    message = f"parameters for {name}, which is no policy{close}"
    hint = "See `policyscan policy list` for all ids; those of a folder count with --policies."
    entry = configuration.parameters_entry
    if entry is None:
        return UsageError(f"{configuration.path}: {message}", hint=hint)
    return entry.keys[name].error(message, hint)


def _check(configuration: Configuration, policy: Policy) -> None:
    top = configuration.parameters_entry
    entry = top.entries()[policy.id] if top is not None else None
    for name, value in configuration.parameters[policy.id].items():
        try:
            policy.parameters({name: value})
        except UsageError as error:
            if entry is None:
                raise
            types = {param.name: param.type for param in policy.params}
            known = ", ".join(f"{each} ({spelt})" for each, spelt in types.items()) or "none"
            if name in types:
                hint = error.hint or f"Its type is {types[name]}."
                raise entry.entries()[name].error(error.message, hint) from None
            raise entry.keys[name].error(error.message, f"It has {known}.") from None
