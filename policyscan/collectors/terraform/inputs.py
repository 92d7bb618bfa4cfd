"""Values of root variables: tfvars files and options, in Terraform's order of precedence."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from policyscan.collectors.terraform.expressions import evaluate
from policyscan.collectors.terraform.names import is_variable_file
from policyscan.collectors.terraform.scope import Scope
from policyscan.collectors.terraform.value import Trail, Value, unknown
from policyscan.errors import ReadError
from policyscan.resources.base import Gap, Step, StepKind
from policyscan.text.hcl import read_hcl, read_hcl_json
from policyscan.text.hcl.syntax import Argument
from policyscan.text.tree import Tree
from policyscan.values import Why

if TYPE_CHECKING:
    from policyscan.collectors.terraform.instance import Root


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
    """Values by variable name. A file that cannot be read wholly is a gap, and leaves every
    variable unknown that neither it nor a stronger one gives."""
    values: dict[str, Value] = {}
    gaps: list[Gap] = []
    for path in variable_files(tree, root.path, named):
        arguments, errors = _arguments(tree, path)
        gaps.extend(Gap.of(error, unit=root.path or ".") for error in errors)
        for name, block in root.top.module.variables.items() if errors else ():
            needs = f"the value of var.{name} in {path}"
            values[name] = unknown(Why.SYNTAX_ERROR, needs, errors[0].span or block.header)
        for name, argument in arguments.items():
            value = evaluate(argument.value, Scope(root.top))
            step = Step(StepKind.TFVARS, f"{posixpath.basename(path)}: {name}", argument.span)
            values[name] = Value(value.plain, Trail(step, (value.trail,)), value.sensitive)
    values.update(given)
    return values, gaps


def _arguments(tree: Tree, path: str) -> tuple[Mapping[str, Argument], Sequence[ReadError]]:
    """What a file gives values to, and why there may be more."""
    try:
        source = tree.read(path)
    except ReadError as error:
        return {}, (error,)
    file = read_hcl_json(source) if path.endswith(".json") else read_hcl(source)
    return file.body.arguments, file.errors
