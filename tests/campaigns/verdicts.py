"""Whole policies: the verdict on what is known in part is that on everything it may be."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from random import Random

from policyscan.errors import PolicyError
from policyscan.evaluate import Evaluation, Judging
from policyscan.findings import Verdict
from policyscan.inventory import Inventory
from policyscan.policy.reader import read_policy
from policyscan.text.yaml import Document
from tests.campaigns.estate import NOW, PARAMS, House
from tests.campaigns.grammar import Generator, judging
from tests.campaigns.soundness import Situation, drawn_situation

_COMPATIBLE = {
    Verdict.PASS: {Verdict.PASS, Verdict.NOT_APPLICABLE},
    Verdict.FAIL: {Verdict.FAIL},
    Verdict.NOT_APPLICABLE: {Verdict.NOT_APPLICABLE},
}
"""What a verdict may become: what passes does so even if the policy turns out to be about it."""
_POLICY = """
id: PS-TST-001
version: 1
slug: campaign
title: A policy of a campaign
severity: high
plane: change
resource: House
when: {when}
require: {require}
params:
  n: {{about: a number, type: int, default: {n}}}
  names: {{about: names, type: list(string), default: {names}}}
  limits: {{about: limits, type: "map(string, int)", default: {limits}}}
message: it does not hold
why: Because.
fix: Do not.
control: CTL-SG
criteria: [SOC2:CC6.6]
guide: [none]
tests: []
""".lstrip()


@cache
def _defaults() -> dict[str, str]:
    return {name: json.dumps(value) for name, value in PARAMS.items()}


@dataclass
class Verdicts:
    """What a campaign has found so far."""

    policies: int = 0
    told: int = 0
    """Those that had a verdict on the house that is known in part."""
    lost: int = 0
    """Of them, those that are an error in some world."""
    found: list[str] = field(default_factory=list)


def run(count: int, seed: int) -> Verdicts:
    """Judges that many houses, each by a policy of its own."""
    random, seen = Random(seed), Verdicts()
    generator = Generator(judging(), random)
    for _ in range(count):
        when, require = (generator.expression("bool", random.choice((1, 2, 3))).text for _ in "12")
        _judge(when, require, drawn_situation(random), seen)
    return seen


def _judge(when: str, require: str, situation: Situation, seen: Verdicts) -> None:
    if any(hole.about != "resource" for hole in situation.holes):
        return  # a parameter of a policy has a default, and is known
    text = _POLICY.format(when=json.dumps(when), require=json.dumps(require), **_defaults())
    try:
        policy = read_policy(
            Document.of("campaign.yaml", text.encode(), PolicyError), "0" * 64, {"House": House}
        )
    except PolicyError as error:
        seen.found.append(f"refused: {error}")
        return
    worlds = [situation.as_given(), *situation.worlds()]
    houses = [
        world[0].model_copy(update={"address": f"house.w{number}"})
        for number, world in enumerate(worlds)
    ]
    evaluation = Evaluation(Inventory(houses), Judging(NOW))
    evaluation.judge([policy])
    verdicts = {each.resource.address: each.verdict for each in evaluation.findings}
    seen.policies += 1
    if len(verdicts) != len(worlds) or evaluation.gaps:
        seen.found.append(f"{len(verdicts)} verdicts on {len(worlds)} houses: {evaluation.gaps}")
    given = verdicts.pop("house.w0")
    if given is Verdict.UNKNOWN:
        return
    seen.told += 1
    others = set(verdicts.values()) - _COMPATIBLE[given]
    seen.lost += Verdict.UNKNOWN in others
    if others - {Verdict.UNKNOWN}:
        holes = [dict(hole.given) for hole in situation.holes]
        seen.found.append(f"{given} and {others}\n    when: {when}\n    {require}\n    {holes}")
