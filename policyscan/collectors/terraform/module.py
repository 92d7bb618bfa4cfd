"""One Terraform directory as declared: its files merged into one set of declarations."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field

from policyscan.collectors.terraform.names import TOFU, is_terraform, is_variable_file
from policyscan.errors import GapReason, ReadError
from policyscan.resources.base import Gap
from policyscan.text.hcl.syntax import Argument, Block, Body, File, Literal
from policyscan.text.source import Source, Span
from policyscan.text.tree import Tree
from policyscan.values import Unknown, Why

HCL_LIMIT = 5_000_000
"""Bytes; Terraform files above this are machine output that nobody reviews."""


@dataclass(slots=True)
class Module:
    """The declarations of one directory. Later duplicates are gaps; the first one stands."""

    path: str
    """Relative to the tree; `""` is its top."""
    sources: list[Source] = field(default_factory=list)
    variables: dict[str, Block] = field(default_factory=dict)
    locals: dict[str, Argument] = field(default_factory=dict)
    resources: dict[str, Block] = field(default_factory=dict)
    """By `type.name`; data sources by `data.type.name`."""
    calls: dict[str, Block] = field(default_factory=dict)
    outputs: dict[str, Block] = field(default_factory=dict)
    providers: list[Block] = field(default_factory=list)
    moves: list[Block] = field(default_factory=list)
    imports: list[Block] = field(default_factory=list)
    overriding: list[Block] = field(default_factory=list)
    """Blocks of override files, merged into the blocks that they override."""
    gaps: list[Gap] = field(default_factory=list)
    left_out: tuple[str, ...] = ()
    """Files of the directory that Terraform would read and that were not given: ignored, excluded
    or no regular files."""
    keeps_state: bool = False
    """Whether it says where its state is kept, which only a directory does that is applied."""
    has_values: bool = False
    """Whether there are files with values for its variables, which nothing reads in a module that
    is called."""
    doubt: Unknown | None = None
    """Set if an override file was not read wholly: then anything here may be replaced."""

    @property
    def is_applied(self) -> bool:
        """Whether it is applied on its own, even if others call it too."""
        return self.keeps_state or self.has_values

    @property
    def unread(self) -> str:
        """Something of this directory that was not read; empty if what is not here is nowhere."""
        subjects = (*(gap.subject for gap in self.gaps), *self.left_out)
        return next(iter(subjects), "")

    def local_calls(self) -> dict[str, str]:
        """Directory by call name, for calls whose source is a path inside the tree."""
        found = {}
        for name, block in self.calls.items():
            source = source_of(block)
            if source is not None and source.startswith(("./", "../")):
                found[name] = posixpath.normpath(posixpath.join(self.path or ".", source))
        return {name: "" if path == "." else path for name, path in found.items()}


def source_of(call: Block) -> str | None:
    """The literal `source` of a module call."""
    return argument_of(call, "source")


def argument_of(call: Block, name: str) -> str | None:
    """The literal of an argument of a module call."""
    argument = call.body.arguments.get(name)
    if argument is not None and isinstance(argument.value, Literal):
        return str(argument.value.value)
    return None


def load_module(tree: Tree, path: str, files: list[str]) -> Module:
    """The module in directory `path`, from those of its files that can be read."""
    here = tree.listdir(path)
    module = Module(path, left_out=_left_out(here, path, files))
    module.has_values = any(map(is_variable_file, here))
    ordinary = [name for name in files if not _is_override(name)]
    overrides = [name for name in files if _is_override(name)]
    for name in sorted(ordinary):
        file = _read(tree, name, module)
        if file is not None:
            _declare(module, file.body)
    understood = len(module.gaps)
    for name in sorted(overrides):
        file = _read(tree, name, module)
        if file is not None:
            _override(module, file.body)
    for gap in module.gaps[understood:]:
        needs = f"{gap.subject}, which overrides what other files say and was not read wholly"
        module.doubt = Unknown(Why.NOT_SEEN, needs, gap.span)
    return module


def _left_out(names: Sequence[str], path: str, files: list[str]) -> tuple[str, ...]:
    here = (posixpath.join(path, name) for name in names if is_terraform(name))
    given = frozenset(files)
    return tuple(name for name in here if name not in given)


def _is_override(path: str) -> bool:
    stem = posixpath.basename(path).removesuffix(".json").removesuffix(".tf")
    return stem == "override" or stem.endswith("_override")


def _read(tree: Tree, path: str, module: Module) -> File | None:
    from policyscan.text.hcl import read_hcl, read_hcl_json

    if path.endswith(TOFU):
        message = "a file of OpenTofu, which replaces the .tf file of its name: not read"
        module.gaps.append(Gap(GapReason.UNSUPPORTED, path, message))
        return None
    try:
        source = tree.read(path, limit=HCL_LIMIT)
    except ReadError as error:
        module.gaps.append(Gap.of(error))
        return None
    module.sources.append(source)
    file = source.once(read_hcl_json if path.endswith(".json") else read_hcl)
    module.gaps.extend(Gap.of(error) for error in file.errors)
    return file


def _declare(module: Module, body: Body) -> None:
    for block in body.blocks:
        labels = block.labels
        match block.type, len(labels):
            case "variable", 1:
                _add(module, module.variables, labels[0], block)
            case "locals", 0:
                for argument in block.body.arguments.values():
                    _add_local(module, argument)
            case "resource", 2:
                _add(module, module.resources, ".".join(labels), block)
            case "data", 2:
                _add(module, module.resources, "data." + ".".join(labels), block)
            case "module", 1:
                _add(module, module.calls, labels[0], block)
            case "output", 1:
                _add(module, module.outputs, labels[0], block)
            case "terraform", 0:
                _note_state(module, block)
            case "provider", 1:
                module.providers.append(block)
            case "moved", 0:
                module.moves.append(block)
            case "import", 0:
                module.imports.append(block)
            case (("resource" | "data" | "module" | "variable" | "output"), _):
                _complain(module, block.header, f"{block.type} block with {len(labels)} labels")
            case _:
                pass  # terraform, check, removed ...: they declare nothing that is judged


def _note_state(module: Module, block: Block) -> None:
    named = {*block.body.arguments, *(each.type for each in block.body.blocks)}
    module.keeps_state = module.keeps_state or not named.isdisjoint(("backend", "cloud"))


def _add(module: Module, table: dict[str, Block], name: str, block: Block) -> None:
    if name in table:
        first = table[name].header.place
        _complain(module, block.header, f"{block.type} {name} is declared twice, first at {first}")
    else:
        table[name] = block


def _add_local(module: Module, argument: Argument) -> None:
    first = module.locals.setdefault(argument.name, argument)
    if first is not argument:
        place = first.name_span.place
        message = f"local {argument.name} is declared twice, first at {place}"
        _complain(module, argument.name_span, message)


def _complain(module: Module, span: Span, message: str) -> None:
    from policyscan.errors import ParseError

    module.gaps.append(Gap.of(ParseError(span.source.path, message, span=span)))


def _override(module: Module, body: Body) -> None:
    """Merge an override file: its arguments replace those of the block of the same name, its
    nested blocks replace all nested blocks of the same type."""
    for block in body.blocks:
        table, name = {
            "variable": (module.variables, ".".join(block.labels)),
            "resource": (module.resources, ".".join(block.labels)),
            "data": (module.resources, "data." + ".".join(block.labels)),
            "module": (module.calls, ".".join(block.labels)),
            "output": (module.outputs, ".".join(block.labels)),
        }.get(block.type, ({}, ""))
        if block.type == "locals":
            module.locals.update(block.body.arguments)
        elif block.type == "provider":
            _override_provider(module, block)
        elif block.type == "terraform":
            _note_state(module, block)
        elif name in table:
            table[name] = _merged(table[name], block)
            module.overriding.append(block)
        elif table is not None and name:
            _complain(module, block.header, f"{block.type} {name} overrides nothing")


def _override_provider(module: Module, block: Block) -> None:
    """The provider of the same name and alias is merged; one that is new is added."""
    for number, base in enumerate(module.providers):
        if base.labels == block.labels and _alias(base) == _alias(block):
            module.providers[number] = _merged(base, block)
            return
    module.providers.append(block)


def _alias(provider: Block) -> str:
    alias = provider.body.arguments.get("alias")
    return "" if alias is None else alias.value.span.text


def _made_by(block: Block) -> str:
    """The type of the blocks that a nested block stands for."""
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def _merged(base: Block, override: Block) -> Block:
    replaced = {_made_by(block) for block in override.body.blocks}
    kept = tuple(block for block in base.body.blocks if _made_by(block) not in replaced)
    body = Body(
        {**base.body.arguments, **override.body.arguments},
        kept + override.body.blocks,
        base.body.span,
    )
    return Block(base.type, base.labels, body, base.header, base.span)
