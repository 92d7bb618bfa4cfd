"""`policyscan policy list`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action
from policyscan.cli.policy.chosen import add_policies_option, load
from policyscan.cli.saying import say, say_json
from policyscan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from policyscan.cli.grammar import Commands, Parser
    from policyscan.policy import Policy

_DETAILS = """\
Filters of one sort add up, those of different sorts must all hold. A list of several kinds is cut \
short: `policy show` has it whole."""
_EXAMPLES = """\
examples:
  policyscan policy list --family NET
  policyscan policy list --kind SecurityGroup --severity critical
  policyscan policy list --source dockerfile     what is judged of Dockerfiles
  policyscan policy list --control SOC2:CC6.6    evidence for a criterion
  policyscan policy list --policies house --format json
"""
_FILTERS = {
    "family": ("FAMILY", "of this family, the middle of the id: NET"),
    "kind": ("KIND", "on this kind: SecurityGroup"),
    "source": ("COLLECTOR", "on a kind that this collector fills: terraform, aws"),
    "control": ("CONTROL", "evidence for this control or criterion: CTL-SG, SOC2:CC6.6"),
    "severity": ("SEVERITY", "of this severity: critical, high, medium or low"),
}
_KINDS = 18
"""Columns for the kinds, so that the longest slug still fits into 80."""


def add_command(actions: Commands, common: Parser) -> None:
    """Adds `list` to the grammar."""
    parser = add_action(
        actions, "list", common, "every policy, one a line", _DETAILS, usage="[OPTION ...]"
    )
    parser.epilog = _EXAMPLES
    for name, (shown, about) in _FILTERS.items():
        parser.add_argument(f"--{name}", action="append", default=[], metavar=shown, help=about)
    parser.add_argument(
        "--format",
        choices=("console", "json"),
        default="console",
        metavar="FORMAT",
        help="console (default) or json",
    )
    add_policies_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the policies that all filters let through, and how many of how many they are."""
    policies = load(options.policies)
    found = [policy for policy in policies if _holds(policy, policies, options)]
    if options.format == "json":
        from policyscan.authoring.record import summary

        say_json([summary(each) for each in found])
        return 0
    width = max((len(policy.id) for policy in found), default=0)
    say(*(_line(policy, width) for policy in found))
    say(f"{len(found)} of {len(policies)} policies")
    return 0


def _line(policy: Policy, width: int) -> str:
    first, *more = policy.kinds
    kinds = f"{first} +{len(more)}" if more else first
    severity = f"{policy.severity.value:<8}"
    return f"{policy.id:<{width}}  {severity}  {kinds:<{_KINDS}}  {policy.slug}"


def _holds(policy: Policy, policies: Sequence[Policy], options: argparse.Namespace) -> bool:
    return all(
        not wanted or not names(policy).isdisjoint(_known(name, wanted, policies))
        for name, names in _NAMES.items()
        if (wanted := getattr(options, name))
    )


def _known(name: str, wanted: Sequence[str], policies: Sequence[Policy]) -> set[str]:
    """The words of a filter as they are spelt. Raises `UsageError` for one that means nothing."""
    spelt = {word.lower(): word for word in _words(name, policies)}
    for word in wanted:
        if word.lower() not in spelt:
            from policyscan.text.complaints import suggestion

            close = suggestion(word.lower(), spelt)
            close = (
                close.replace(f"'{_meant(close)}'", f"'{spelt[_meant(close)]}'") if close else ""
            )
            shown = ", ".join(sorted(spelt.values())[:12])
            hint = "" if close else f"There are {shown}{' …' * (len(spelt) > 12)}"
            raise UsageError(f"--{name}: there is no {name} {word!r}{close}", hint=hint)
    return {spelt[word.lower()] for word in wanted}


def _meant(close: str) -> str:
    return close.split("'")[1] if close else ""


def _words(name: str, policies: Sequence[Policy]) -> Collection[str]:
    """All that a filter may name: also what no policy is about."""
    used = {word for policy in policies for word in _NAMES[name](policy)}
    match name:
        case "kind":
            from policyscan.resources.kinds import MODULES

            return {*MODULES}
        case "source":
            from policyscan.authoring.sources import collector_kinds

            return {*collector_kinds()}
        case "control":
            from policyscan.findings.controls import load_controls
            from policyscan.findings.criteria import load_criteria

            criteria = load_criteria()
            controls = load_controls("", None, criteria=criteria, policies=()).rules
            return {*used, *criteria, *(control.id for control in controls)}
        case "severity":
            from policyscan.findings.model import Severity

            return {severity.value for severity in Severity}
    return used


def _family(policy: Policy) -> frozenset[str]:
    from policyscan.findings.model import family_of

    return frozenset({family_of(policy.id)})


def _sources(policy: Policy) -> frozenset[str]:
    from policyscan.authoring.record import sources

    return frozenset(sources(policy))


_NAMES: dict[str, Callable[[Policy], frozenset[str]]] = {
    "family": _family,
    "kind": lambda policy: frozenset(policy.kinds),
    "source": _sources,
    "control": lambda policy: frozenset({policy.control, *policy.criteria}),
    "severity": lambda policy: frozenset({policy.severity.value}),
}
"""By filter, what a policy is under."""
