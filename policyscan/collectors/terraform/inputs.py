"""Values of root variables: tfvars files and options, in Terraform's order of precedence."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from policyscan.collectors.terraform.expressions import evaluate
from policyscan.collectors.terraform.scope import Scope
from policyscan.collectors.terraform.value import Trail, Value
from policyscan.errors import ReadError
from policyscan.resources.base import Gap, Step, StepKind
from policyscan.text.hcl import read_hcl, read_hcl_json
from policyscan.text.tree import Tree

if TYPE_CHECKING:
    from policyscan.collectors.terraform.instance import Root


def is_variable_file(path: str) -> bool:
    """Whether Terraform reads this file for values without being told to."""
    name = posixpath.basename(path)
    return name in ("terraform.tfvars", "terraform.tfvars.json") or name.endswith(
        (".auto.tfvars", ".auto.tfvars.json")
    )


def variable_files(tree: Tree, root: str, named: Sequence[str]) -> tuple[str, ...]:
    """The files that give values to the variables of `root`, weakest first: terraform.tfvars,
    terraform.tfvars.json, *.auto.tfvars in order of name, then those named in the configuration."""
    here = [name for name in tree.listdir(root) if is_variable_file(name)]
    plain = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in here]
    automatic = sorted(name for name in here if name not in plain)
    return tuple(
        [posixpath.join(root, name) for name in (*plain, *automatic)]
        + [posixpath.normpath(name) for name in named]
    )


def read_inputs(
    tree: Tree, root: Root, named: Sequence[str], given: Mapping[str, Value]
) -> tuple[dict[str, Value], list[Gap]]:
    """Values by variable name. A file that cannot be read is a gap."""
    values: dict[str, Value] = {}
    gaps: list[Gap] = []
    for path in variable_files(tree, root.path, named):
        try:
            source = tree.read(path)
        except ReadError as error:
            gaps.append(Gap.of(error, unit=root.path or "."))
            continue
        file = read_hcl_json(source) if path.endswith(".json") else read_hcl(source)
        gaps.extend(Gap.of(error, unit=root.path or ".") for error in file.errors)
        for name, argument in file.body.arguments.items():
            value = evaluate(argument.value, Scope(root.top))
            step = Step(StepKind.TFVARS, f"{posixpath.basename(path)}: {name}", argument.span)
            values[name] = Value(value.plain, Trail(step, (value.trail,)), value.sensitive)
    values.update(given)
    return values, gaps
