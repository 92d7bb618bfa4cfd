"""Where a Dockerfile puts a secret into a layer. Values stay here; only names and reasons leave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import get_args

from policyscan.collectors.dockerfile.expand import chain_of
from policyscan.collectors.dockerfile.scope import Scope
from policyscan.resources.base import Chain, Step, StepKind
from policyscan.resources.containers import SecretUse
from policyscan.resources.secret_files import Holds, holds_secret
from policyscan.resources.secret_forms import assigned_secrets, is_literal
from policyscan.resources.secret_signs import secret_name, token_format, token_pattern
from policyscan.text.dockerfile import Instruction, Pair
from policyscan.text.source import Span
from policyscan.values import Many, PartialList, Unknown, Why, first

MAX_SECRETS = 50
"""Secrets of one stage that are listed; more than these are said to be more."""
_INSTRUCTIONS = frozenset(get_args(SecretUse.model_fields["instruction"].annotation))


@dataclass
class Secrets:
    """The secrets found so far, and why there may be more."""

    found: list[tuple[SecretUse, Chain]] = field(default_factory=list)
    unknown: Unknown | None = None

    def add(self, use: SecretUse, chain: Chain) -> None:
        """Adds one; beyond the limit only says that there are more."""
        if len(self.found) < MAX_SECRETS:
            self.found.append((use, chain))
        else:
            self.doubt(Unknown(Why.BUDGET, "the secrets after the first fifty", chain[0].span))

    def doubt(self, unknown: Unknown) -> None:
        """There may be another secret; the first reason is kept."""
        self.unknown = first(self.unknown, unknown)

    def inherited(self, step: Step) -> Secrets:
        """The same secrets as a stage sees them that is based on this one."""
        found = [(use, chain_of(step, *chain)) for use, chain in self.found]
        return Secrets(found, self.unknown)

    @property
    def value(self) -> Many[SecretUse]:
        """The field of the resource."""
        known = tuple(use for use, _ in self.found)
        return known if self.unknown is None else PartialList(known, self.unknown)


class SecretFinder:
    """Looks at the instructions of one stage; `scope` holds the variables that they see."""

    def __init__(self, scope: Scope, secrets: Secrets) -> None:
        self.scope = scope
        self.secrets = secrets

    def look_at(self, instruction: Instruction) -> None:
        """Adds what the instruction puts into a layer."""
        keyword = instruction.keyword
        if keyword not in _INSTRUCTIONS:
            return
        if keyword in ("ENV", "ARG", "LABEL"):
            for pair in instruction.pairs:
                self._pair(keyword, pair)
            return
        if keyword in ("COPY", "ADD"):
            self._sources(instruction)
        self._text(instruction)

    def _pair(self, keyword: str, pair: Pair) -> None:
        if pair.value is None:
            return
        name = pair.name.text.strip("'\"")
        span = pair.name.span.to(pair.value.span)
        value = self.scope.expand(pair.value)
        reason = token_format(pair.value.text) or token_format(value.template)
        if not reason and keyword != "LABEL" and (named := secret_name(name)):
            if value.unknown is not None:
                self.secrets.doubt(value.unknown)
            elif not value.template and "$" in pair.value.text:
                needs = f"the build arguments that give {name} its value"
                self.secrets.doubt(Unknown(Why.VARIABLE_UNSET, needs, span))
            elif is_literal(value.template, named):
                reason = named
        if reason:
            self._add(keyword, name, reason, span, value.chain)

    def _sources(self, instruction: Instruction) -> None:
        *sources, _ = instruction.words
        for word in sources:
            if word.text.startswith("<<"):
                continue
            path = self.scope.expand(word)
            if path.unknown is not None:
                continue
            holds, reason = holds_secret(path.template)
            if holds is Holds.SECRET:
                self._add(instruction.keyword, path.template, reason, word.span, path.chain)
            elif holds is Holds.PERHAPS:
                self.secrets.doubt(Unknown(Why.OUTSIDE, reason, word.span))

    def _text(self, instruction: Instruction) -> None:
        """Tokens and assignments in a command, an address or a here-document."""
        places = [(instruction.rest.text, instruction.rest.span)]
        places += [(heredoc.text, heredoc.span) for heredoc in instruction.heredocs]
        for text, span in places:
            if reason := token_format(text):
                name = reason.removeprefix("the value is ")
                self._add(instruction.keyword, name, reason, _token_place(span), ())
            for name, reason in assigned_secrets(text):
                self._add(instruction.keyword, name, reason, span, ())

    def _add(self, keyword: str, name: str, reason: str, span: Span, chain: Chain) -> None:
        step = Step(StepKind.INSTRUCTION, f"{keyword} {name}", span)
        use = SecretUse.model_validate({"name": name, "instruction": keyword, "because": reason})
        self.secrets.add(use, chain_of(step, *chain))


def _token_place(span: Span) -> Span:
    """The token inside the range, or the range itself if a line continuation cuts the token."""
    written = span.source.data[span.start : span.end].decode("latin-1")
    found = token_pattern().search(written)
    if found is None:
        return span
    return span.source.span(span.start + found.start(), span.start + found.end())
