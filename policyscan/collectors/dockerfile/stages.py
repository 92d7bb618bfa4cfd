"""From instructions to stages: what each is based on, who it runs as, and what it inherits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from policyscan.collectors.dockerfile.accounts import root_accounts
from policyscan.collectors.dockerfile.expand import Budget, Expansion
from policyscan.collectors.dockerfile.scope import Scope, predefined
from policyscan.collectors.dockerfile.secrets import SecretFinder, Secrets
from policyscan.errors import ParseError
from policyscan.resources.base import Step, StepKind
from policyscan.resources.images import HOLE, TABLE, Reference, base_images, user_is_root
from policyscan.text.dockerfile import DockerfileText, Instruction
from policyscan.text.dockerfile.arguments import KEYWORDS
from policyscan.text.source import Span
from policyscan.values import Maybe, Unknown, Why

MAX_TRIGGERS = 100
"""ONBUILD instructions of one stage that are followed."""
_HARMLESS = frozenset({"CMD", "ENTRYPOINT", "EXPOSE", "SHELL", "STOPSIGNAL", "VOLUME", "WORKDIR"})
"""Instructions that change neither the user nor what secrets there are."""


@dataclass
class Stage:
    """A stage while it is being read; then its end."""

    number: int
    """From 1."""
    span: Span
    """Of the FROM instruction."""
    name: str | None
    image: Expansion
    """What stands after FROM."""
    parent: Stage | None
    """The stage of the same file that it is based on."""
    may_be_stage: bool
    """It is not known whether the base is a stage of the same file."""
    reference: Reference
    scope: Scope
    user: Expansion
    """Empty text if no USER is in force and the base sets none."""
    secrets: Secrets
    root_names: set[str] = field(default_factory=set)
    """Accounts with user id 0 that this stage creates."""
    triggers: list[Instruction] = field(default_factory=list)
    """What ONBUILD leaves to the stages based on this one."""

    @property
    def lineage(self) -> Iterator[Stage]:
        """This stage and the stages below it."""
        stage: Stage | None = self
        while stage:
            yield stage
            stage = stage.parent

    @property
    def lowest(self) -> Stage:
        """The stage whose base is an image."""
        return list(self.lineage)[-1]

    @property
    def runs_as_root(self) -> Maybe[bool]:
        """Whether the user in force at the end has user id 0."""
        names = {name for stage in self.lineage for name in stage.root_names}
        root = user_is_root(self.user.template, names)
        if root is not None:
            return root
        return self.user.unknown_or(
            Unknown(Why.SYNTAX_ERROR, "a USER instruction with one user", self.span)
        )

    @property
    def family(self) -> Maybe[str]:
        """The family of the lowest image that is not a stage."""
        lowest = self.lowest
        family = base_images().family(lowest.reference)
        if family is not None:
            return family
        return lowest.image.unknown_or(_about("the family", lowest.image, lowest.span))


def read_stages(
    text: DockerfileText, build_args: Mapping[str, str]
) -> tuple[list[Stage], list[ParseError]]:
    """The stages in the order of the file, built with `build_args`, and what keeps them from being
    told apart."""
    reader = _StageReader(text, build_args)
    for instruction in text.instructions:
        reader.take(instruction)
    return reader.stages, reader.errors


class _StageReader:
    def __init__(self, text: DockerfileText, build_args: Mapping[str, str]) -> None:
        self.source = text.source
        self.budget = Budget()
        self.escape = text.escape
        self.globals = Scope(text.escape, self.budget, build_args=build_args)
        predefined(self.globals)
        self.stages: list[Stage] = []
        self.errors: list[ParseError] = []
        self.named: dict[str, Stage] = {}

    def take(self, instruction: Instruction) -> None:
        if instruction.keyword == "FROM":
            self._begin(instruction)
        elif self.stages:
            stage = self.stages[-1]
            if instruction.error is None:
                finder = SecretFinder(stage.scope, stage.secrets)
                finder.look_at(instruction.trigger or instruction)
            self._apply(stage, instruction)
        elif instruction.keyword == "ARG" and instruction.error is None:
            self.globals.declare_args(instruction)

    def _begin(self, instruction: Instruction) -> None:
        """Starts the stage of a FROM; one with an error is a stage of which nothing is known."""
        name = None
        if instruction.error is not None:
            unknown = Unknown(Why.SYNTAX_ERROR, "a FROM that parses", instruction.span)
            image = Expansion((unknown,))
        else:
            image = self.globals.expand(instruction.words[0])
            if not image.parts:
                unknown = Unknown(Why.VARIABLE_UNSET, "an image after FROM", instruction.span)
                image = Expansion((unknown,), image.chain)
            name = instruction.words[2].text.lower() if len(instruction.words) == 3 else None
        stage = self._stage(instruction, name, image)
        if name in self.named:
            message = f"another stage is called {name} already"
            self.errors.append(ParseError(self.source.path, message, span=instruction.span))
        self.stages.append(stage)
        for trigger in stage.parent.triggers if stage.parent else ():
            self._apply(stage, trigger)
        if name is not None:
            self.named[name] = stage

    def _stage(self, instruction: Instruction, name: str | None, image: Expansion) -> Stage:
        number = len(self.stages) + 1
        span = instruction.span
        image = image.led_by(Step(StepKind.INSTRUCTION, "FROM", span))
        parent = self.named.get(image.template.lower())
        if parent is not None:
            step = Step(StepKind.STAGE, f"stage {parent.name}", parent.span)
            return Stage(
                number,
                span,
                name,
                image,
                parent,
                False,
                Reference(parent.name or ""),
                parent.scope.child(),
                parent.user.led_by(*image.chain[:1], step),
                parent.secrets.inherited(step),
            )
        may_be_stage = (
            bool(self.named) and HOLE in image.template and not ({*"/:@"} & {*image.template})
        )
        reference = Reference.parse(image.template)
        outside = None if image.template == "scratch" else _about("the environment", image, span)
        scope = Scope(self.escape, self.budget, outside, None, self.globals.build_args)
        user = _default_user(reference, image, span)
        return Stage(
            number, span, name, image, None, may_be_stage, reference, scope, user, Secrets()
        )

    def _apply(self, stage: Stage, instruction: Instruction) -> None:
        """Lets an instruction take effect on a stage."""
        keyword = instruction.keyword
        step = Step(StepKind.INSTRUCTION, keyword, instruction.span)
        if instruction.error is not None:
            self._doubt(stage, instruction, step)
            return
        if keyword == "ONBUILD" and instruction.trigger:
            self._leave(stage, instruction.trigger)
        elif keyword == "USER":
            stage.user = stage.scope.expand(instruction.rest).led_by(step)
        elif keyword == "ARG":
            stage.scope.declare_args(instruction, self.globals)
        elif keyword == "ENV":
            stage.scope.declare_env(instruction)
        elif keyword in ("RUN", "COPY", "ADD"):
            stage.root_names |= root_accounts(instruction, stage.scope)

    def _doubt(self, stage: Stage, broken: Instruction, step: Step) -> None:
        """What does not parse may have been any instruction, unless its keyword says otherwise, and
        a here-document without an end hides those that follow."""
        if broken.keyword in _HARMLESS:
            return
        word = broken.keyword if broken.keyword in KEYWORDS else "instruction"
        unknown = Unknown(Why.SYNTAX_ERROR, f"a {word} that parses", broken.span)
        stage.user = Expansion((unknown,), (step,))
        stage.secrets.doubt(unknown)

    def _leave(self, stage: Stage, trigger: Instruction) -> None:
        """Keeps a trigger for the stages based on this one."""
        stage.triggers.append(trigger)
        if len(stage.triggers) > MAX_TRIGGERS:
            stage.triggers.pop()
            message = f"only the first {MAX_TRIGGERS} ONBUILD instructions of a stage are followed"
            self.errors.append(ParseError(self.source.path, message, span=trigger.span))


def _default_user(reference: Reference, image: Expansion, span: Span) -> Expansion:
    """The user that a base image sets, from the table of well-known images."""
    table = base_images()
    user = table.user(reference)
    if user is not None:
        label = f"{TABLE}: {reference.name} as of {table.as_of}"
        return Expansion((user,), (*image.chain[:1], Step(StepKind.TABLE, label)))
    unknown = image.unknown_or(_about("the default user", image, span))
    return Expansion((unknown,), image.chain)


def _about(what: str, image: Expansion, span: Span) -> Unknown:
    name = image.template.replace(HOLE, "?")
    return Unknown(Why.BASE_IMAGE, f"{what} of image {name}", span)
