"""Values of root variables: tfvars files and options, in Terraform's order of precedence."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from policyscan.collectors.terraform.expressions import evaluate
from policyscan.collectors.terraform.names import is_variable_file
from policyscan.collectors.terraform.operators import equal
from policyscan.collectors.terraform.scope import Scope
from policyscan.collectors.terraform.value import Trail, Value, unknown
from policyscan.errors import GapReason, ReadError
from policyscan.resources.base import Gap, Step, StepKind
from policyscan.text.hcl import read_hcl, read_hcl_json
from policyscan.text.hcl.syntax import Argument
from policyscan.text.tree import Tree
from policyscan.values import Why

if TYPE_CHECKING:
    from policyscan.collectors.terraform.instance import Root

_MOST_TOLD = 4
"""Variables that a message names."""


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


def other_values(tree: Tree, root: Root, paths: Iterable[str], named: Collection[str]) -> list[Gap]:
    """A gap for each of the files that gives a variable of the root another value than the one that
    is judged: Terraform reads it if it is told to (`-var-file`), and nothing says whether it is. If
    the configuration names one of them, that is told."""
    others = [path for path in paths if not _is_read(path, root.path)]
    if any(posixpath.normpath(name) in others for name in named):
        return []
    return [gap for path in others if (gap := _other_values(tree, root, path)) is not None]


def _other_values(tree: Tree, root: Root, path: str) -> Gap | None:
    arguments, errors = _arguments(tree, path)
    if errors:
        return Gap.of(errors[0], unit=root.path or ".")
    names = [name for name in arguments if name in root.top.module.variables]
    differing = [name for name in names if _differs(root, name, arguments[name])]
    if not differing:
        return None
    told = ", ".join(f"var.{name}" for name in differing[:_MOST_TOLD])
    more = f" and {len(differing) - _MOST_TOLD} more" if len(differing) > _MOST_TOLD else ""
    message = (
        f"other values for {told}{more} than those that are judged; if Terraform is run with this "
        "file, name it under terraform.var_files"
    )
    span = arguments[differing[0]].span
    return Gap(
        GapReason.UNSUPPORTED,
        path,
        message,
        span,
        unit=root.path or ".",
        digest=span.source.sha256[:16],
    )


def _differs(root: Root, name: str, argument: Argument) -> bool:
    value = evaluate(argument.value, Scope(root.top))
    return equal(value, root.top.variable(name, argument.span)) is not True


def _is_read(path: str, root: str) -> bool:
    return posixpath.dirname(path) == root and is_variable_file(path)


def values_by_directory(
    paths: Iterable[str], modules: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Each file of values among `paths`, with the nearest directory around it that has
    configuration."""
    for path in paths:
        if path.endswith((".tfvars", ".tfvars.json")):
            folder = posixpath.dirname(path)
            while folder and folder not in modules:
                folder = posixpath.dirname(folder)
            if folder in modules:
                yield folder, path


def _arguments(tree: Tree, path: str) -> tuple[Mapping[str, Argument], Sequence[ReadError]]:
    """What a file gives values to, and why there may be more."""
    try:
        source = tree.read(path)
    except ReadError as error:
        return {}, (error,)
    file = read_hcl_json(source) if path.endswith(".json") else read_hcl(source)
    return file.body.arguments, file.errors
