"""Images and the stages of Dockerfiles that they were built from.

An image belongs to a stage if its history ends in the instructions of that stage, all of them and
in order, and nothing contradicts it: a name alone never shows it. Each then tells what the other
cannot: the image, which user its base sets; the stage, what the image stands on.

History keeps no reference to a Dockerfile, and short stages look alike. So a match counts if it is
the only one, and if three lines agree word by word; one is enough where something else confirms it:
a label with the path of the Dockerfile or the name of the base, or the base itself, whose layers
the image begins with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from policyscan.resources.base import Resource, Step, StepKind
from policyscan.resources.instructions import Fit, fit, instruction, open_line
from policyscan.values import Unknown, Why, is_known

if TYPE_CHECKING:
    from policyscan.resources.containers import ContainerImage, DockerfileStage
    from policyscan.text.dockerfile import Instruction
    from policyscan.text.source import Source

ALONE = 3
"""Lines that must agree word by word if nothing else confirms a match."""
CONFIRMED = 1
MAX_PAIRS = 200_000
"""Stages times images that are compared; of more, none are joined."""
_BASE = "org.opencontainers.image.base.name"
_FROM_STAGE = ("base_image", "base_tag", "base_digest", "base_family")
_FROM_IMAGE = ("user", "user_is_root")


def joined(resources: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """The resources, images and stages with what each knows of the other."""
    stages = [cast("DockerfileStage", r) for r in resources if r.kind == "DockerfileStage"]
    images = [cast("ContainerImage", r) for r in resources if r.kind == "ContainerImage"]
    if len(stages) * len(images) > MAX_PAIRS:
        return resources
    pairs = _pairs(stages, images)
    changed: dict[int, Resource] = {}
    for image, stage in pairs:
        changed[id(image)] = _with_base(image, stage)
    for stage in stages:
        built = [image for image, of in pairs if of is stage]
        if built:
            changed[id(stage)] = _with_user(stage, built)
    return tuple(changed.get(id(resource), resource) for resource in resources)


def _pairs(
    stages: Sequence[DockerfileStage], images: Sequence[ContainerImage]
) -> list[tuple[ContainerImage, DockerfileStage]]:
    """Each image with the one stage that it was built from."""
    texts = _Texts()
    written = [(stage, texts.lines(stage)) for stage in stages if stage.is_final]
    by_name = {name: image for image in images for name in image.names}
    found: list[tuple[ContainerImage, DockerfileStage]] = []
    for image in images:
        fitting = [stage for stage, lines in written if _is_of(image, stage, lines, by_name)]
        named = [stage for stage in fitting if _names_file(image, stage)]
        chosen = named or fitting
        if len(chosen) == 1:
            found.append((image, chosen[0]))
    return found


# -- whether an image was built from a stage ---------------------------------------------------


def _is_of(
    image: ContainerImage,
    stage: DockerfileStage,
    lines: Sequence[str],
    images: dict[str, ContainerImage],
) -> bool:
    base = _base_of(stage, images)
    if not lines or not image.history or base is image:
        return False
    if base is not None and image.layers[: len(base.layers)] != base.layers:
        return False
    if not _same_base(image, stage) or not _same_user(image, stage):
        return False
    confirmed = _names_file(image, stage) or _names_base(image, stage)
    confirmed = confirmed or bool(base is not None and base.layers)
    return _telling(image, stage, lines) >= (CONFIRMED if confirmed else ALONE)


def _telling(image: ContainerImage, stage: DockerfileStage, lines: Sequence[str]) -> int:
    """How many lines of a stage agree word by word with the end of a history; 0 unless all fit.
    A build with labels of its own adds one line at the end."""
    told = image.history
    for end in (len(told), len(told) - 1):
        if end < len(told) and not told[end].startswith("LABEL"):
            break
        below = end - len(lines)
        if below < 0 or (below and stage.base_image == "scratch"):
            continue
        fits = [fit(line, other) for line, other in zip(lines, told[below:end], strict=True)]
        if Fit.NO not in fits:
            return fits.count(Fit.TELLING)
    return 0


def _base_of(stage: DockerfileStage, images: dict[str, ContainerImage]) -> ContainerImage | None:
    """The image that the FROM of a stage names, if the engine has it."""
    if stage.base_is_stage is not False or not isinstance(stage.base_image, str):
        return None
    if isinstance(stage.base_digest, str):
        return images.get(f"{stage.base_image}@{stage.base_digest}")
    if not (stage.base_tag is None or isinstance(stage.base_tag, str)):
        return None
    return images.get(f"{stage.base_image}:{stage.base_tag or 'latest'}")


def _same_base(image: ContainerImage, stage: DockerfileStage) -> bool:
    """Whether the image may stand on what the stage stands on."""
    if stage.base_is_stage is not False:
        return True
    known = (image.base_image, stage.base_image)
    plain = [_plain(name) for name in known if isinstance(name, str)]
    return len(plain) < 2 or plain[0] == plain[1]


def _plain(name: str) -> str:
    return name.removeprefix("docker.io/").removeprefix("library/")


def _same_user(image: ContainerImage, stage: DockerfileStage) -> bool:
    """Whether the image may run as the user of the stage."""
    if not isinstance(stage.user, str | None) or not isinstance(image.user, str | None):
        return True
    return (stage.user or "") == (image.user or "")


def _names_base(image: ContainerImage, stage: DockerfileStage) -> bool:
    """Whether a label of the image names the base of the stage."""
    tags = image.tags if is_known(image.tags) else {}
    known = isinstance(stage.base_image, str) and isinstance(image.base_image, str)
    said = isinstance(cast("dict[str, Any]", tags).get(_BASE), str)
    return known and said and stage.base_is_stage is False and _same_base(image, stage)


def _names_file(image: ContainerImage, stage: DockerfileStage) -> bool:
    """Whether a label of the image ends in the path of the Dockerfile."""
    tags = image.tags if is_known(image.tags) else {}
    path = stage.origin.unit
    values = (value for value in cast("dict[str, Any]", tags).values() if isinstance(value, str))
    return any(value == path or value.endswith(f"/{path}") for value in values)


# -- the lines of a stage ----------------------------------------------------------------------


class _Texts:
    """The Dockerfiles of a run, each read once."""

    def __init__(self) -> None:
        self._read: dict[int, tuple[Source, tuple[Instruction, ...]]] = {}

    def lines(self, stage: DockerfileStage) -> tuple[str, ...]:
        """The instructions of a stage and of those below it, in canonical form."""
        span = stage.origin.span
        if span is None:
            return ()
        found = self._read.get(id(span.source))
        if found is None:
            from policyscan.text.dockerfile import read_dockerfile  # late: often not needed

            found = span.source, read_dockerfile(span.source).instructions
            self._read[id(span.source)] = found
        return tuple(_lines(found[1], span.start))


def _lines(instructions: Sequence[Instruction], start: int) -> Iterator[str]:
    """The lines of the stage whose FROM begins at `start`; nothing if one of them is broken."""
    stages: list[tuple[str, int, list[str] | None]] = []
    names: dict[str, list[str] | None] = {}
    for each in instructions:
        if each.keyword == "FROM":
            base = each.words[0].text.lower() if each.words else ""
            below = names.get(base, [])
            lines = None if below is None or each.error else [*below]
            name = each.words[2].text.lower() if len(each.words) == 3 else ""
            stages.append((name, each.span.start, lines))
            if name:
                names[name] = lines
        elif stages:
            name, begin, lines = stages[-1]
            if lines is not None:
                line = _line(each)
                lines = None if line is None else [*lines, line]
                stages[-1] = (name, begin, lines)
                if name:
                    names[name] = lines
    yield from next((lines or () for _, begin, lines in stages if begin == start), ())


def _line(each: Instruction) -> str | None:
    """An instruction in canonical form; None for one that does not parse."""
    if each.error is not None:
        return None
    if each.keyword in ("ENV", "ARG", "LABEL"):
        pairs = (
            pair.name.text if pair.value is None else f"{pair.name.text}={pair.value.text}"
            for pair in each.pairs
        )
        return instruction(each.keyword, " ".join(pairs))
    if each.heredocs:
        return open_line(each.keyword)
    text = " ".join(word.text for word in each.words) if each.exec_form else each.rest.text
    if each.keyword in ("USER", "WORKDIR", "COPY", "ADD"):
        return open_line(each.keyword) if "$" in text else instruction(each.keyword, _bare(text))
    return instruction(each.keyword, text)


def _bare(text: str) -> str:
    """A text without its quotes."""
    return text.replace('"', "").replace("'", "")


# -- what each learns --------------------------------------------------------------------------


def _with_base(image: ContainerImage, stage: DockerfileStage) -> ContainerImage:
    """The image, with the base of its stage where its labels name none, and with an account of the
    stage that has user id 0."""
    step = Step(StepKind.JOIN, f"built from {stage.address}", stage.origin.span)
    update: dict[str, Any] = {}
    chains = dict(image.chains)
    if not is_known(image.base_image) and stage.base_is_stage is False:
        for field in _FROM_STAGE:
            update[field] = getattr(stage, field)
            chains[field] = (step, *stage.provenance(field))
    elif isinstance(image.base_digest, Unknown) and stage.base_is_stage is False:
        update["base_digest"] = stage.base_digest
        chains["base_digest"] = (step, *stage.provenance("base_digest"))
    if not is_known(image.base_family) and is_known(stage.base_family):
        update["base_family"] = stage.base_family
        chains["base_family"] = (step, *stage.provenance("base_family"))
    if stage.user_is_root is True and image.user_is_root is False and stage.user == image.user:
        update["user_is_root"] = True
        chains["user_is_root"] = (step, *stage.provenance("user_is_root"))
    return image.model_copy(update={**update, "chains": chains})


def _with_user(stage: DockerfileStage, images: Sequence[ContainerImage]) -> DockerfileStage:
    """The stage, with the user that its base sets, if all images that were built from it agree."""
    unknown = stage.user_is_root
    if not isinstance(unknown, Unknown) or unknown.why is not Why.BASE_IMAGE:
        return stage
    if not all(_is_decided(image) for image in images):
        return stage
    if len({(image.user, image.user_is_root) for image in images}) > 1:
        return stage
    first = min(images, key=lambda image: image.address)
    label = f"{first.address}, which was built from it"
    step = Step(StepKind.JOIN, label, stage.origin.span)
    chains = dict(stage.chains)
    update: dict[str, Any] = {}
    for field in _FROM_IMAGE:
        update[field] = getattr(first, field)
        chains[field] = (step, *first.provenance(field))
    return stage.model_copy(update={**update, "chains": chains})


def _is_decided(image: ContainerImage) -> bool:
    return isinstance(image.user, str | None) and isinstance(image.user_is_root, bool)
