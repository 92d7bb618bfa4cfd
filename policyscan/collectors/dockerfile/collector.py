"""From Dockerfiles to resources, one for each stage, gaps and the books."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policyscan.collectors.dockerfile.count import count_stages
from policyscan.collectors.dockerfile.names import is_template
from policyscan.collectors.dockerfile.stages import Stage, read_stages
from policyscan.collectors.interface import Item, Reading, Units
from policyscan.errors import GapReason, ParseError, ReadError
from policyscan.resources.base import Chain, Gap, Origin, ProofLevel, Step, StepKind, Tally
from policyscan.resources.containers import DockerfileStage
from policyscan.resources.images import HOLE, TABLE, base_images
from policyscan.text.dockerfile import DockerfileText, read_dockerfile
from policyscan.text.source import Source
from policyscan.text.tree import Tree
from policyscan.values import Maybe, Unknown, Why

MAX_BYTES = 250_000
"""A larger file is too large for a Dockerfile."""
MAX_STAGES = 500
MAX_GAPS = 20
"""Errors of one file that are listed one by one."""
_KINDS = (DockerfileStage.kind,)


def read_all(tree: Tree, paths: Sequence[str], reading: Reading) -> Iterator[Item]:
    """The stages of all files, in the order of the paths, the gaps and the books."""
    found = normalised = 0
    for path in paths:
        items, counted = _read_file(tree, path, reading)
        found += counted
        normalised += sum(isinstance(item, DockerfileStage) for item in items)
        yield from items
    yield Units(tuple(paths))
    yield Tally(reading.target, DockerfileStage.kind, found, normalised)


def _read_file(tree: Tree, path: str, reading: Reading) -> tuple[list[Item], int]:
    """The stages and gaps of one file, and the number of stages counted in it."""
    if is_template(path):
        message = "a template: what it makes is not known before it is rendered"
        return [Gap(GapReason.UNSUPPORTED, path, message, None, _KINDS, path)], 0
    try:
        source = tree.read(path, limit=MAX_BYTES)
    except ReadError as error:
        return [Gap.of(error, hides=_KINDS, unit=path)], 0
    text = read_dockerfile(source)
    stages = sum(instruction.keyword == "FROM" for instruction in text.instructions)
    if not stages:
        return [_whole(source, GapReason.UNPARSEABLE, "no FROM: this is not a Dockerfile")], 0
    if stages > MAX_STAGES:
        message = f"{stages} stages are more than {MAX_STAGES}"
        return [_whole(source, GapReason.TOO_LARGE, message)], 0
    return _items(text, reading), count_stages(source.data)


def _whole(source: Source, reason: GapReason, message: str) -> Gap:
    return Gap(reason, source.path, message, source.whole(), _KINDS, source.path)


def _items(text: DockerfileText, reading: Reading) -> list[Item]:
    stages, errors = read_stages(text, _texts(reading, "build_args"))
    names = _stage_names(stages)
    wanted = _texts(reading, "targets").get(text.source.path, "")
    built = next((s for s in stages if wanted.lower() in (s.name, str(s.number))), stages[-1])
    if wanted and wanted.lower() not in (built.name, str(built.number)):
        message = f"there is no stage {wanted}, which the configuration names as the target"
        errors.append(ParseError(text.source.path, message, span=built.span))
    resources = [
        _resource(stage, name, stage is built, reading)
        for stage, name in zip(stages, names, strict=True)
    ]
    return [*resources, *_gaps((*text.errors, *errors), text.source)]


def _texts(reading: Reading, option: str) -> dict[str, str]:
    given = reading.options.get(option, {})
    pairs = given.items() if isinstance(given, Mapping) else ()
    return {str(name): str(value) for name, value in pairs}


def _gaps(errors: Sequence[ParseError], source: Source) -> Iterator[Gap]:
    for error in errors[:MAX_GAPS]:
        yield Gap.of(error, hides=_KINDS, unit=source.path)
    if len(errors) > MAX_GAPS:
        message = f"{len(errors) - MAX_GAPS} more instructions do not parse"
        yield Gap(GapReason.UNPARSEABLE, source.path, message, errors[-1].span, _KINDS, source.path)


def _stage_names(stages: list[Stage]) -> list[str]:
    """What follows `#` in the addresses: the name of the stage, or `stage-N`; unique in the file.
    A number alone stands in where those are taken, since no name begins with a digit."""
    names: list[str] = []
    taken = {stage.name for stage in stages}
    seen: set[str] = set()
    for stage in stages:
        name = stage.name if stage.name and stage.name not in seen else f"stage-{stage.number}"
        if name in seen or (name != stage.name and name in taken):
            name = str(stage.number)
        seen.add(name)
        names.append(name)
    return names


def _resource(stage: Stage, name: str, is_final: bool, reading: Reading) -> DockerfileStage:
    path = stage.span.source.path
    reference, image = stage.reference, stage.image
    return DockerfileStage(
        address=f"{path}#{name}",
        origin=Origin("dockerfile", reading.target, path, stage.span, ProofLevel.CONFIGURED),
        chains=_chains(stage),
        name=stage.name,
        is_final=is_final,
        base_image=image.fill(reference.name),
        base_tag=None if reference.tag is None else image.fill(reference.tag),
        base_digest=None if reference.digest is None else image.fill(reference.digest),
        base_is_stage=_is_stage(stage),
        base_family=stage.family,
        user=stage.user.text if stage.user.template else None,
        user_is_root=stage.runs_as_root,
        secrets=stage.secrets.value,
    )


def _is_stage(stage: Stage) -> Maybe[bool]:
    if stage.may_be_stage:
        return stage.image.unknown_or(Unknown(Why.OUTSIDE, "what FROM names", stage.span))
    return stage.parent is not None


def _chains(stage: Stage) -> dict[str, Chain]:
    base = stage.image.chain
    return {
        **dict.fromkeys(("name", "is_final"), base[:1]),
        **dict.fromkeys(("base_image", "base_tag", "base_digest", "base_is_stage"), base),
        "base_family": _family_chain(stage),
        "user": stage.user.chain,
        "user_is_root": stage.user.chain,
        **{f"secrets[{index}]": chain for index, (_, chain) in enumerate(stage.secrets.found)},
    }


def _family_chain(stage: Stage) -> Chain:
    """From this FROM to the lowest one, then the table."""
    lowest = stage.lowest
    below = () if stage is lowest else stage.image.chain[:1]
    label = f"{TABLE}: {lowest.reference.name.replace(HOLE, '?')} as of {base_images().as_of}"
    return (*below, *lowest.image.chain, Step(StepKind.TABLE, label))
