"""The variables in force at one point of a Dockerfile."""

from __future__ import annotations

from collections.abc import Mapping

from policyscan.collectors.dockerfile.expand import Budget, Expander, Expansion
from policyscan.errors import ParseError
from policyscan.resources.base import Step, StepKind
from policyscan.text.dockerfile import Instruction, Pair, Word, parse_word
from policyscan.text.source import Span
from policyscan.values import Unknown, Why

_PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"})
"""Build arguments that exist without being declared, in upper or lower case."""
_PLATFORM = frozenset(
    f"{side}{part}"
    for side in ("BUILD", "TARGET")
    for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
) | {"TARGETSTAGE"}
"""Set by the builder; a stage sees them once it declares them."""


class Scope:
    """ENV and ARG values by name; ENV wins."""

    def __init__(
        self,
        escape: str,
        budget: Budget,
        outside: Unknown | None = None,
        below: Scope | None = None,
        build_args: Mapping[str, str] | None = None,
    ) -> None:
        self.escape = escape
        self.budget = budget
        self.outside = outside
        """Why a variable that nobody declares may still be set: by the base image."""
        self.below = below
        """Of the stage that this one is based on; it changes no more."""
        self.build_args = build_args or {}
        """What the build is given, in place of any default."""
        self.env: dict[str, Expansion] = {}
        self.args: dict[str, Expansion] = {}

    def child(self) -> Scope:
        """The scope of a stage that is based on this one's."""
        return Scope(self.escape, self.budget, self.outside, self, self.build_args)

    def _declared(self, name: str) -> Expansion | None:
        scope: Scope | None = self
        argument: Expansion | None = None
        while scope:
            if name in scope.env:
                return scope.env[name]
            argument = argument or scope.args.get(name)
            scope = scope.below
        return argument

    def lookup(self, name: str) -> Expansion | None:
        """The value of a variable; None if it is certainly unset."""
        declared = self._declared(name)
        if declared is not None:
            return declared
        if name.upper() in _PROXIES:
            return Expansion((_unset(name, None),), given=False)
        if self.outside is None:
            return None
        needs = f"the value of {name} in {self.outside.needs}"
        return Expansion((Unknown(self.outside.why, needs, self.outside.where),))

    def expand(self, word: Word) -> Expansion:
        """A word with the variables in force."""
        try:
            pieces = parse_word(word, self.escape)
        except ParseError as error:
            return Expansion((Unknown(Why.SYNTAX_ERROR, error.message, word.span),))
        return Expander(self.lookup, self.budget).expand(pieces)

    def declare_env(self, instruction: Instruction) -> None:
        """Takes over an ENV instruction; all its values see the variables as they were before."""
        values = {
            _name(pair): self._bind(StepKind.INSTRUCTION, f"ENV {_name(pair)}", pair)
            for pair in instruction.pairs
        }
        self.env.update(values)

    def declare_args(self, instruction: Instruction, globals_: Scope | None = None) -> None:
        """Takes over an ARG instruction; `globals_` are the variables before the first FROM."""
        for pair in instruction.pairs:
            name = _name(pair)
            if name in self.build_args:
                self.args[name] = self._given(name, pair)
            elif pair.value is not None:
                self.args[name] = self._bind(StepKind.INSTRUCTION, f"ARG {name}", pair)
            else:
                step = Step(StepKind.INSTRUCTION, f"ARG {name}", pair.name.span)
                inherited = globals_.args.get(name) if globals_ else None
                value = inherited or _undefined(name, pair.name.span)
                self.args[name] = value.led_by(step)

    def _given(self, name: str, pair: Pair) -> Expansion:
        declared = Step(StepKind.INSTRUCTION, f"ARG {name}", pair.name.span)
        configured = Step(StepKind.TABLE, "dockerfile.build_args of policyscan.yaml")
        value = self.build_args[name]
        return Expansion((value,) if value else (), (declared, configured))

    def _bind(self, kind: StepKind, label: str, pair: Pair) -> Expansion:
        assert pair.value is not None, "ENV always has a value"
        step = Step(kind, label, pair.name.span.to(pair.value.span))
        return self.expand(pair.value).led_by(step)


def predefined(scope: Scope) -> None:
    """Declares what the builder sets for FROM: the platform variables."""
    for name in _PLATFORM:
        scope.args[name] = _undefined(name, None)


def _undefined(name: str, place: Span | None) -> Expansion:
    if name in _PLATFORM:
        return Expansion((Unknown(Why.NONDETERMINISTIC, f"the platform's {name}", place),))
    return Expansion((_unset(name, place),), given=False)


def _unset(name: str, place: Span | None) -> Unknown:
    return Unknown(Why.VARIABLE_UNSET, f"build argument {name}", place)


def _name(pair: Pair) -> str:
    return pair.name.text.strip("'\"")
