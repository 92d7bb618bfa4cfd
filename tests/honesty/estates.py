"""Small estates that are edited at random, and what each edit makes worse, known by construction.

The words of the model are those of the files: a group has rules, a listener a policy, a parameter a
type, a Dockerfile stages. What a change makes worse is worked out from the model alone, by
arithmetic that shares nothing with what is tested.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field

LABELS = ("bot", "gateway", "edge", "admin", "feed", "desk")
ROOTS = ("infra/prod", "infra/staging", "stacks/eu")
FILES = ("main.tf", "network.tf", "extra.tf")
IMAGES = ("bots/maker", "bots/taker", "tools")
ADMIN, OTHER = (22, 3389), (7777, 4321)
PUBLIC = {"0.0.0.0/0": 32, "0.0.0.0/1": 31, "1.2.0.0/16": 16}
"""Each lies within those before it; more than 2 ** 24 addresses reach the internet."""
PRIVATE = ("10.0.0.0/8", "10.1.0.0/16")
TLS = {
    "ELBSecurityPolicy-TLS13-1-3-2021-06": 3,
    "ELBSecurityPolicy-TLS13-1-2-2021-06": 2,
    "ELBSecurityPolicy-2016-08": 0,
}
SECRETS = ("API_TOKEN", "DB_PASSWORD", "KRAKEN_SECRET")

Key = tuple[str, str, str]
"""Policy, unit and address."""


@dataclass
class Block:
    """A resource of Terraform."""

    kind: str
    label: str
    file: str
    rules: list[tuple[int, str]] = field(default_factory=list)
    setting: str = ""
    """Of a listener its policy, of a parameter its type."""
    note: str = ""
    """A description, which decides nothing."""
    comment: str = ""

    @property
    def address(self) -> str:
        return f"{self.kind}.{self.label}"

    @property
    def content(self) -> tuple[object, ...]:
        """What it holds; two blocks with the same are one that moved."""
        return self.kind, tuple(sorted(self.rules)), self.setting

    def text(self) -> str:
        lines = [f"# {self.comment}"] if self.comment else []
        lines.append(f'resource "{self.kind}" "{self.label}" {{')
        if self.kind == "aws_security_group":
            lines.append(f'  description = "group {self.note}"')
            for port, cidr in self.rules:
                lines += [
                    "  ingress {",
                    f'    description = "{self.note}"',
                    f"    from_port   = {port}",
                    f"    to_port     = {port}",
                    '    protocol    = "tcp"',
                    f'    cidr_blocks = ["{cidr}"]',
                    "  }",
                ]
        elif self.kind == "aws_lb_listener":
            lines += ['  protocol   = "HTTPS"', "  port = 443", f'  ssl_policy = "{self.setting}"']
        else:
            lines += ['  name  = "/desk/binance/api-key"', f'  type  = "{self.setting}"']
            if self.setting == "SecureString":
                lines.append('  key_id = "arn:aws:kms:eu-west-1:111122223333:key/own"')
        return "\n".join([*lines, "}", ""])


@dataclass
class Stage:
    """A stage of a Dockerfile."""

    base: str = "python:3.12-slim"
    user: str = ""
    secrets: list[str] = field(default_factory=list)
    step: str = "pip install --require-hashes -r requirements.txt"

    @property
    def content(self) -> tuple[object, ...]:
        return self.base, self.user, tuple(self.secrets), self.step

    def text(self) -> str:
        lines = [f"FROM {self.base}", f"RUN {self.step}"]
        lines += [f"ENV {name}=k9Qz7Lw2Xv4Tn8Rb" for name in self.secrets]
        lines += [f"USER {self.user}"] if self.user else []
        return "\n".join([*lines, ""])


@dataclass
class ApiKey:
    """An entry of the register of keys."""

    name: str
    account: str
    rights: set[str] = field(default_factory=set)
    note: str = ""

    @property
    def content(self) -> tuple[object, ...]:
        return "key", self.account, tuple(sorted(self.rights))

    def text(self) -> str:
        rights = ", ".join(sorted({"reading", *self.rights}))
        lines = [f"  # {self.note}"] if self.note else []
        return "\n".join(
            [
                *lines,
                f"  - name: {self.name}",
                "    owner: ana",
                f"    account: {self.account}",
                f"    permissions: [{rights}]",
                "",
            ]
        )


RIGHTS = ("withdrawals", "internal_transfer", "universal_transfer")


@dataclass
class Estate:
    """Everything that is scanned."""

    roots: dict[str, list[Block]]
    images: dict[str, list[Stage]]
    """By directory, the stages of its Dockerfile."""
    keys: list[ApiKey] = field(default_factory=list)
    register: str = "keys.yaml"
    broken: set[str] = field(default_factory=set)
    """Files whose text does not parse."""
    noise: int = 0

    def copy(self) -> Estate:
        return deepcopy(self)

    def files(self) -> dict[str, str | bytes]:
        texts: dict[str, str] = {}
        for root, blocks in self.roots.items():
            for block in blocks:
                path = f"{root}/{block.file}"
                texts[path] = texts.get(path, "") + block.text()
        for directory, stages in self.images.items():
            texts[f"{directory}/Dockerfile"] = "\n".join(stage.text() for stage in stages)
        if self.keys:
            entries = "".join(key.text() for key in self.keys)
            texts[self.register] = f"version: 1\nkeys:\n{entries}"
        for path in self.broken & set(texts):
            texts[path] += f'\nresource "aws_security_group" "broken" {{\n  name = "{self.noise}\n'
        return dict(texts)


def start(chance: random.Random) -> Estate:
    """An estate to begin with."""
    estate = Estate({root: [] for root in ROOTS[:2]}, {})
    for _ in range(6):
        add_block(estate, chance)
    for directory in IMAGES[:2]:
        estate.images[directory] = [Stage(user=chance.choice(("", "app")))]
    return estate


# -- edits -------------------------------------------------------------------------------------


def add_block(estate: Estate, chance: random.Random) -> None:
    root = chance.choice(list(estate.roots))
    kind = chance.choice(("aws_security_group", "aws_lb_listener", "aws_ssm_parameter"))
    taken = {block.address for block in estate.roots[root]}
    free = [label for label in LABELS if f"{kind}.{label}" not in taken]
    if free:
        block = Block(kind, chance.choice(free), chance.choice(FILES))
        if kind == "aws_security_group":
            block.rules = [_rule(chance) for _ in range(chance.randrange(3))]
        estate.roots[root].append(block)
        change_setting(estate, chance, block)


def _rule(chance: random.Random) -> tuple[int, str]:
    return chance.choice(ADMIN + OTHER), chance.choice((*PUBLIC, *PRIVATE))


def _some(estate: Estate, chance: random.Random, kind: str = "") -> tuple[str, Block] | None:
    every = [
        (root, block)
        for root, blocks in estate.roots.items()
        for block in blocks
        if kind in ("", block.kind)
    ]
    return chance.choice(every) if every else None


def delete_block(estate: Estate, chance: random.Random) -> None:
    if found := _some(estate, chance):
        estate.roots[found[0]].remove(found[1])


def add_rule(estate: Estate, chance: random.Random) -> None:
    if found := _some(estate, chance, "aws_security_group"):
        found[1].rules.append(_rule(chance))


def remove_rule(estate: Estate, chance: random.Random) -> None:
    found = _some(estate, chance, "aws_security_group")
    if found and found[1].rules:
        found[1].rules.remove(chance.choice(found[1].rules))


def change_rule(estate: Estate, chance: random.Random) -> None:
    remove_rule(estate, chance)
    add_rule(estate, chance)


def reorder(estate: Estate, chance: random.Random) -> None:
    for blocks in estate.roots.values():
        chance.shuffle(blocks)
        for block in blocks:
            chance.shuffle(block.rules)


def describe(estate: Estate, chance: random.Random) -> None:
    if found := _some(estate, chance):
        found[1].note = f"note {chance.randrange(1000)}"
        found[1].comment = f"see ticket {chance.randrange(1000)}"


def change_setting(estate: Estate, chance: random.Random, block: Block | None = None) -> None:
    found = ("", block) if block else _some(estate, chance)
    if found and found[1] and found[1].kind == "aws_lb_listener":
        found[1].setting = chance.choice(tuple(TLS))
    elif found and found[1] and found[1].kind == "aws_ssm_parameter":
        found[1].setting = chance.choice(("String", "SecureString"))


def rename_block(estate: Estate, chance: random.Random) -> None:
    if found := _some(estate, chance):
        taken = {block.address for block in estate.roots[found[0]]}
        label = chance.choice(LABELS)
        if f"{found[1].kind}.{label}" not in taken:
            found[1].label = label


def swap_names(estate: Estate, chance: random.Random) -> None:
    one, other = _some(estate, chance), _some(estate, chance)
    if one and other and one[0] == other[0] and one[1].kind == other[1].kind:
        one[1].label, other[1].label = other[1].label, one[1].label


def move_to_file(estate: Estate, chance: random.Random) -> None:
    if found := _some(estate, chance):
        found[1].file = chance.choice(FILES)


def move_to_root(estate: Estate, chance: random.Random) -> None:
    if found := _some(estate, chance):
        target = chance.choice(list(estate.roots))
        taken = {block.address for block in estate.roots[target]}
        if found[1].address not in taken:
            estate.roots[found[0]].remove(found[1])
            estate.roots[target].append(found[1])


def rename_root(estate: Estate, chance: random.Random) -> None:
    old, new = chance.choice(list(estate.roots)), chance.choice(ROOTS)
    if new not in estate.roots:
        estate.roots[new] = estate.roots.pop(old)
        estate.broken = {path.replace(f"{old}/", f"{new}/") for path in estate.broken}


def rewrite_elsewhere(estate: Estate, chance: random.Random) -> None:
    """What fails is mended where it is, and written again under another name."""
    if found := _some(estate, chance):
        root, block = found
        copy = deepcopy(block)
        free = [label for label in LABELS if not _has(estate, root, block.kind, label)]
        if free:
            copy.label = chance.choice(free)
            estate.roots[root].append(copy)
            block.rules = []
            block.setting = block.setting and (
                "SecureString" if block.kind == "aws_ssm_parameter" else next(iter(TLS))
            )


def _has(estate: Estate, root: str, kind: str, label: str) -> bool:
    return any((b.kind, b.label) == (kind, label) for b in estate.roots[root])


def edit_image(estate: Estate, chance: random.Random) -> None:
    if not estate.images:
        return
    stages = estate.images[chance.choice(list(estate.images))]
    last = stages[-1]
    match chance.randrange(5):
        case 0:
            last.user = chance.choice(("", "app", "root"))
        case 1:
            last.secrets.append(chance.choice(SECRETS))
        case 2:
            last.secrets = last.secrets[1:]
        case 3:
            step = f"make target-{chance.randrange(3)}"
            stages.insert(0, Stage(base="golang:1.22", step=step))
        case 4:
            stages[:] = stages[-1:]


def move_image(estate: Estate, chance: random.Random) -> None:
    target = chance.choice(IMAGES)
    if estate.images and target not in estate.images:
        estate.images[target] = estate.images.pop(chance.choice(list(estate.images)))


def add_image(estate: Estate, chance: random.Random) -> None:
    target = chance.choice(IMAGES)
    if target in estate.images:
        del estate.images[target]
    else:
        estate.images[target] = [Stage(user=chance.choice(("", "app")))]


def edit_key(estate: Estate, chance: random.Random) -> None:
    name = chance.choice(LABELS)
    free = name not in {key.name for key in estate.keys}
    key = chance.choice(estate.keys) if estate.keys else None
    match chance.randrange(5):
        case 0 if free:
            estate.keys.append(ApiKey(name, f"sub-{chance.randrange(3)}"))
        case 1 if key:
            estate.keys.remove(key)
        case 2 if key and free:
            key.name, key.note = name, f"once {key.name}"
        case 3 | 4 if key:
            key.rights ^= {chance.choice(RIGHTS)}
        case _:
            chance.shuffle(estate.keys)


def move_register(estate: Estate, chance: random.Random) -> None:
    estate.register = chance.choice(("keys.yaml", "desk/keys.yaml"))


def break_file(estate: Estate, chance: random.Random) -> None:
    if found := _some(estate, chance):
        estate.broken.add(f"{found[0]}/{found[1].file}")


def mend_files(estate: Estate, chance: random.Random) -> None:
    estate.broken = set()
    estate.noise = chance.randrange(1000)


EDITS = (
    add_block, add_block, delete_block, delete_block, add_rule, add_rule, remove_rule, change_rule,
    change_rule, reorder, describe, change_setting, change_setting, rename_block, swap_names,
    move_to_file, move_to_root, rename_root, rewrite_elsewhere, edit_image, edit_image, edit_image,
    move_image, add_image, edit_key, edit_key, move_register, break_file, mend_files, mend_files,
)  # fmt: skip


# -- what is expected --------------------------------------------------------------------------


@dataclass(frozen=True)
class Thing:
    """What policies judge, by the model: how bad each policy finds it."""

    unit: str
    address: str
    family: tuple[str, ...]
    """What has this in common on both sides is the same thing, or one of a few."""
    content: tuple[object, ...]
    faults: dict[str, frozenset[tuple[str, int]]]
    """By policy what is wrong with it: what, and how much."""
    fails: dict[str, bool]


def things(estate: Estate) -> list[Thing]:
    """Everything that is judged."""
    found = [_block(root, block) for root, blocks in estate.roots.items() for block in blocks]
    for directory, stages in estate.images.items():
        found += list(_stages(f"{directory}/Dockerfile", stages))
    for key in estate.keys:
        address = f"{estate.register}#{key.name}"
        faults = frozenset((right, 1) for right in key.rights)
        found.append(
            Thing(
                estate.register,
                address,
                (address,),
                key.content,
                {"PS-KEY-004": faults},
                {"PS-KEY-004": bool(faults)},
            )
        )
    return found


def _block(root: str, block: Block) -> Thing:
    faults: dict[str, frozenset[tuple[str, int]]] = {}
    fails: dict[str, bool] = {}
    if block.kind == "aws_security_group":
        for policy, ports in (("PS-NET-004", ADMIN), ("PS-NET-012", OTHER)):
            open_ = [
                (f"{port}", PUBLIC[c]) for port, c in block.rules if port in ports and c in PUBLIC
            ]
            faults[policy] = frozenset(open_)
            fails[policy] = any(bits > 24 for _, bits in open_)
    elif block.kind == "aws_lb_listener":
        faults["PS-TLS-001"] = frozenset({("below 1.3", 3 - TLS[block.setting])})
        fails["PS-TLS-001"] = TLS[block.setting] < 3
    else:
        faults["PS-SEC-006"] = frozenset()
        fails["PS-SEC-006"] = block.setting == "String"
    family = (root, block.address)
    return Thing(root, block.address, family, block.content, faults, fails)


def _stages(path: str, stages: list[Stage]) -> Iterator[Thing]:
    for number, stage in enumerate(stages, 1):
        is_final = number == len(stages)
        yield Thing(
            path,
            f"{path}#stage-{number}",
            (path,),
            ("stage", is_final, *stage.content),
            {
                "PS-IMG-001": frozenset(),
                "PS-IMG-005": frozenset(
                    (name, each)
                    for name, times in Counter(stage.secrets).items()
                    for each in range(times)
                ),
            },
            {
                "PS-IMG-001": is_final and stage.user != "app",
                "PS-IMG-005": bool(stage.secrets),
            },
        )


def worse(before: Estate, after: Estate) -> set[Key]:
    """What fails and is new, or more than it was."""
    found: set[Key] = set()
    for new, old in _pairs(things(before), things(after)):
        for policy, fails in new.fails.items():
            was = old is not None and old.fails[policy]
            if fails and not (was and old and _covered(new.faults[policy], old.faults[policy])):
                found.add((policy, new.unit, new.address))
    return found


def _covered(now: frozenset[tuple[str, int]], then: frozenset[tuple[str, int]]) -> bool:
    return all(any(a == b and n <= m for b, m in then) for a, n in now)


def _pairs(before: list[Thing], after: list[Thing]) -> list[tuple[Thing, Thing | None]]:
    """Each thing with what it was: by its address, a stage by what it holds, and what is left on
    both sides by what it holds."""
    pairs: list[tuple[Thing, Thing | None]] = []
    for same in (
        lambda a, b: a.family == b.family and a.content == b.content and a.address == b.address,
        lambda a, b: a.family == b.family and a.content == b.content,
        lambda a, b: a.family == b.family and a.address == b.address,
        lambda a, b: a.content == b.content,
    ):
        for new in list(after):
            old = next((each for each in before if same(new, each)), None)
            if old is not None:
                before = [each for each in before if each is not old]
                after = [each for each in after if each is not new]
                pairs.append((new, old))
    return [*pairs, *((new, None) for new in after)]
