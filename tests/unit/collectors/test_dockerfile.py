"""From Dockerfiles to stages. Expected values follow the Dockerfile reference."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyscan.collectors.dockerfile import DockerfileCollector
from policyscan.collectors.dockerfile.count import count_stages
from policyscan.collectors.interface import Item, Reading, Units
from policyscan.errors import GapReason, ReadError
from policyscan.resources.base import Gap, StepKind, Tally
from policyscan.resources.containers import DockerfileStage
from policyscan.text.dockerfile import read_dockerfile
from policyscan.text.source import Source
from policyscan.values import PartialList, Unknown, Why, is_known, same


class Files:
    """A tree of texts."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.sources_by_path = {path: Source(path, data) for path, data in files.items()}

    def files(self) -> tuple[str, ...]:
        return tuple(sorted(self.sources_by_path))

    def listdir(self, path: str) -> tuple[str, ...]:
        return ()

    def read(self, path: str, *, limit: int = 10_000_000) -> Source:
        source = self.sources_by_path[path]
        if len(source.data) > limit:
            raise ReadError(GapReason.TOO_LARGE, path, "too large")
        return source

    def head(self, path: str) -> bytes:
        return self.sources_by_path[path].data[:512]

    def sources(self) -> tuple[Source, ...]:
        return ()


def collect(text: str | bytes, path: str = "Dockerfile") -> list[Item]:
    data = text.encode() if isinstance(text, str) else text
    return list(DockerfileCollector().read(Files({path: data}), [path], Reading(".")))


def stages(text: str | bytes) -> list[DockerfileStage]:
    return [item for item in collect(text) if isinstance(item, DockerfileStage)]


def gaps(text: str | bytes, path: str = "Dockerfile") -> list[Gap]:
    return [item for item in collect(text, path) if isinstance(item, Gap)]


def final(text: str) -> DockerfileStage:
    found = stages(text)
    assert found[-1].is_final
    return found[-1]


def secrets(body: str) -> list[tuple[str, str]]:
    """Instruction and name of the secrets of a stage on alpine."""
    value = final("FROM alpine\n" + body).secrets
    assert isinstance(value, tuple)
    return [(use.instruction, use.name) for use in value]


def doubt(body: str) -> str:
    """What would decide whether there is a secret."""
    value = final("FROM alpine\n" + body).secrets
    assert isinstance(value, PartialList)
    assert value.known == ()
    return value.unknown.needs


def needs(value: object) -> str:
    assert isinstance(value, Unknown)
    return value.needs


# Files


@pytest.mark.parametrize(
    "path",
    [
        "Dockerfile",
        "a/b/dockerfile",
        "Containerfile",
        "Dockerfile.dev",
        "prod.Dockerfile",
        "prod.dockerfile",
        "Containerfile.ci",
        "Dockerfile-alpine",
        "Dockerfile.j2",
        "Dockerfile.7",
    ],
)
def test_claims(path: str) -> None:
    assert DockerfileCollector().claims(path, b"")


@pytest.mark.parametrize(
    "path",
    [
        "Dockerfile.dockerignore",
        ".dockerignore",
        "dockerfile.py",
        "test_dockerfile.py",
        "Dockerfiles",
        "docker-compose.yml",
        "Dockerfile/README.md",
        "dockerfile-utils.js",
        "Dockerfile.md",
    ],
)
def test_does_not_claim(path: str) -> None:
    assert not DockerfileCollector().claims(path, b"")


def test_the_books() -> None:
    items = collect("FROM a\nFROM b\n")
    assert Units(("Dockerfile",)) in items
    assert Tally(".", "DockerfileStage", 2, 2) in items


def test_a_template_is_a_gap() -> None:
    (gap,) = gaps("FROM {{ image }}", "Dockerfile.j2")
    assert (gap.reason, gap.subject) == (GapReason.UNSUPPORTED, "Dockerfile.j2")


@pytest.mark.parametrize("text", ["", "hello\nworld\n", "# nothing\n", "RUN x\n", "ARG a\n"])
def test_without_from_it_is_one_gap(text: str) -> None:
    (gap,) = gaps(text)
    assert gap.reason is GapReason.UNPARSEABLE
    assert gap.hides == ("DockerfileStage",)


def test_too_many_stages_are_one_gap() -> None:
    (gap,) = gaps("FROM a\n" * 501)
    assert gap.reason is GapReason.TOO_LARGE
    assert not stages("FROM a\n" * 501)


def test_an_error_is_a_gap_with_its_place_and_the_rest_is_read() -> None:
    text = "FROM alpine\nUSRE x\nUSER trader\n"
    (gap,) = gaps(text)
    assert gap.span is not None
    assert gap.span.line == 2
    assert final(text).user == "trader"


def test_many_errors_are_summed_up() -> None:
    found = gaps("FROM alpine\n" + "X\n" * 100)
    assert len(found) == 21
    assert found[-1].message == "80 more instructions do not parse"


# Stages


def test_addresses() -> None:
    text = "FROM a\nFROM b AS Build\nFROM c AS stage-4\nFROM d\n"
    assert [stage.address for stage in stages(text)] == [
        "Dockerfile#stage-1",
        "Dockerfile#build",
        "Dockerfile#stage-4",
        "Dockerfile#4",
    ]


def test_two_stages_of_one_name_are_a_gap() -> None:
    text = "FROM a AS x\nFROM b AS x\n"
    assert [stage.address for stage in stages(text)] == ["Dockerfile#x", "Dockerfile#stage-2"]
    assert len(gaps(text)) == 1


def test_the_last_stage_is_final() -> None:
    assert [stage.is_final for stage in stages("FROM a\nFROM b\nFROM c\n")] == [False, False, True]


def test_a_base_with_tag_and_digest() -> None:
    stage = final("FROM --platform=$BUILDPLATFORM docker.io/library/alpine:3.20@sha256:ab AS x\n")
    assert stage.base_image == "docker.io/library/alpine"
    assert (stage.base_tag, stage.base_digest) == ("3.20", "sha256:ab")
    assert (stage.base_is_stage, stage.base_family, stage.name) == (False, "alpine", "x")


def test_a_base_that_is_a_stage() -> None:
    stage = final("FROM python:3-slim AS Base\nUSER app\nFROM bAse\n")
    assert (stage.base_image, stage.base_is_stage) == ("base", True)
    assert (stage.base_tag, stage.base_digest) == (None, None)
    assert (stage.base_family, stage.user, stage.user_is_root) == ("debian-slim", "app", False)
    assert [step.kind for step in stage.chains["user"]] == [
        StepKind.INSTRUCTION,
        StepKind.STAGE,
        StepKind.INSTRUCTION,
    ]


def test_a_later_stage_is_not_a_base() -> None:
    first = stages("FROM x\nFROM alpine AS x\n")[0]
    assert first.base_is_stage is False


def test_a_base_that_may_be_a_stage() -> None:
    found = stages("ARG T\nFROM alpine AS a-dev\nFROM a-${T}\n")[1]
    assert needs(found.base_is_stage) == "build argument T"
    found = stages("ARG T\nFROM alpine AS dev\nFROM alpine:${T}\n")[1]
    assert found.base_is_stage is False


def test_what_onbuild_leaves_takes_effect_above() -> None:
    below, above = stages("FROM alpine AS x\nONBUILD USER trader\nFROM x\n")
    assert (below.user, below.user_is_root) == (None, True)
    assert (above.user, above.user_is_root) == ("trader", False)


def test_a_from_that_does_not_parse_is_a_stage_of_which_nothing_is_known() -> None:
    found = stages("FROM a b\nENV API_TOKEN=x\nFROM alpine\n")[0]
    assert not is_known(found.base_image)
    assert not is_known(found.user_is_root)
    assert len(found.secrets) == 1  # type: ignore[arg-type]


# Variables


def test_arguments_before_from_are_for_from() -> None:
    stage = final("ARG V=3.20\nFROM alpine:$V\nUSER u$V\n")
    assert stage.base_tag == "3.20"
    assert needs(stage.user) == "the value of V in the environment of image alpine:3.20"


def test_a_stage_takes_over_a_global_argument_by_name() -> None:
    assert final("ARG U=trader\nFROM alpine\nARG U\nUSER $U\n").user == "trader"
    assert final("ARG U=trader\nFROM alpine\nARG U=other\nUSER $U\n").user == "other"


def test_env_wins_over_arg() -> None:
    assert final("FROM alpine\nENV U=env\nARG U=arg\nUSER $U\n").user == "env"


def test_one_env_sees_the_values_before_it() -> None:
    assert final("FROM alpine\nENV a=1\nENV a=2 b=$a\nUSER $b\n").user == "1"


def test_a_stage_inherits_arguments_and_environment() -> None:
    text = "FROM alpine AS x\nARG A=1\nENV E=2\nFROM x\nUSER $A$E\nFROM alpine\nUSER $A\n"
    found = stages(text)
    assert found[1].user == "12"
    assert not is_known(found[2].user)


def test_an_argument_without_a_value() -> None:
    stage = final("FROM alpine\nARG U\nUSER app-$U:x\n")
    assert isinstance(stage.user, Unknown)
    assert stage.user.why is Why.VARIABLE_UNSET
    assert stage.user.needs == "build argument U"
    assert stage.user.fragments == ("app-", ":x")
    assert stage.user.where is not None
    assert stage.user.where.line == 2


def test_a_known_user_with_an_unknown_group_is_judged() -> None:
    stage = final("FROM alpine\nARG G\nUSER 1000:$G\n")
    assert not is_known(stage.user)
    assert stage.user_is_root is False


def test_on_scratch_an_undeclared_variable_is_empty() -> None:
    assert final("FROM scratch\nUSER a$B\n").user == "a"


def test_platform_arguments_are_not_known() -> None:
    assert needs(final("FROM alpine:$TARGETARCH\n").base_tag) == "the platform's TARGETARCH"
    stage = final(
        "FROM scratch\nUSER a$TARGETARCH\nFROM scratch\nARG TARGETARCH\nUSER $TARGETARCH\n"
    )
    assert needs(stage.user) == "the platform's TARGETARCH"


def test_proxies_need_no_declaration() -> None:
    assert needs(final("FROM scratch\nUSER $http_proxy\n").user) == "build argument http_proxy"


def test_the_chain_leads_to_where_the_value_is_written() -> None:
    stage = final("ARG A=root\nFROM alpine\nARG A\nENV B=$A\nUSER ${B}\n")
    steps = [(step.label, step.span.line if step.span else 0) for step in stage.chains["user"]]
    assert steps == [("USER", 5), ("ENV B", 4), ("ARG A", 3), ("ARG A", 1)]


@pytest.mark.parametrize(
    ("word", "user"),
    [
        ("${V}", "a/b/c.tar.gz"),
        ("${E:-x}", "x"),
        ("x${E-y}", "x"),
        ("${V:+x}", "x"),
        ("x${E:+y}", "x"),
        ("${E+y}", "y"),
        ("${V:?no}", "a/b/c.tar.gz"),
        ("${V#*/}", "b/c.tar.gz"),
        ("${V##*/}", "c.tar.gz"),
        ("${V%.*}", "a/b/c.tar"),
        ("${V%%.*}", "a/b/c"),
        ("${V/\\//-}", "a-b/c.tar.gz"),
        ("${V//\\//-}", "a-b-c.tar.gz"),
        ("${V//?.*r/_}", "a/b/_.gz"),
        ("${V#x}", "a/b/c.tar.gz"),
        ("${U:-d}", "d"),
        ("${U-d}", "d"),
    ],
)
def test_substitutions(word: str, user: str) -> None:
    assert final(f"FROM scratch\nARG U\nENV V=a/b/c.tar.gz E=\nUSER {word}\n").user == user


@pytest.mark.parametrize("word", ["${U:+x}", "${U:?x}", "${U#x}", "${V#$U}", "$U"])
def test_substitutions_that_hang_on_an_unset_argument(word: str) -> None:
    assert not is_known(final(f"FROM scratch\nARG U\nENV V=abc\nUSER {word}\n").user)


def test_a_word_that_does_not_parse_is_not_known() -> None:
    stage = final("FROM alpine\nUSER ${A\n")
    assert isinstance(stage.user_is_root, Unknown)
    assert stage.user_is_root.why is Why.SYNTAX_ERROR


def test_a_value_that_doubles_for_ever_is_not_known() -> None:
    stage = final("FROM scratch\nENV A=aa\n" + "ENV A=$A$A\n" * 100 + "USER $A\n")
    assert isinstance(stage.user, Unknown)
    assert stage.user.why is Why.BUDGET


# Users


@pytest.mark.parametrize(
    "run",
    [
        "useradd -o -u 0 trader",
        "useradd -ou 0 -s /bin/sh trader",
        "useradd --non-unique --uid=0 trader",
        "adduser -D -u 0 trader",
        "adduser --uid 0 --gecos x trader staff",
        "true && usermod -o -u 00 trader",
        "echo 'trader:x:0:0::/:/bin/sh' >> /etc/passwd",
        '["/usr/sbin/useradd", "-o", "-u", "0", "trader"]',
        "<<EOF\nuseradd -o -u 0 trader\nEOF",
        "useradd -o -u $ZERO trader",
    ],
)
def test_an_account_with_user_id_0_is_root(run: str) -> None:
    assert final(f"FROM alpine\nARG ZERO=0\nRUN {run}\nUSER trader\n").user_is_root is True


@pytest.mark.parametrize(
    "run",
    [
        "useradd -u 1000 trader",
        "adduser -D trader",
        "useradd -o -u 0 toor && useradd trader",
        "adduser -u 0 -G trader toor",
        "useradd -g 0 trader",
        "useradd -u $UID trader",
    ],
)
def test_other_accounts_are_not(run: str) -> None:
    assert final(f"FROM alpine\nRUN {run}\nUSER trader\n").user_is_root is False


def test_a_user_that_does_not_parse_is_not_the_one_before() -> None:
    assert not is_known(final("FROM alpine\nUSER trader\nUSER\n").user_is_root)


# Secrets


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("ENV API_KEY=abcd OTHER=1\n", [("ENV", "API_KEY")]),
        ("ENV DB_PASSWORD hunter2 hunter3\n", [("ENV", "DB_PASSWORD")]),
        ("ARG NPM_TOKEN='abcd'\n", [("ARG", "NPM_TOKEN")]),
        ("ARG A=abcd\nENV MY_SECRET=${A}\n", [("ENV", "MY_SECRET")]),
        ("LABEL a=AKIAIOSFODNN7EXAMPLE\n", [("LABEL", "a")]),
        ("ENV A=AKIAIOSFODNN7EXAMPLE\n", [("ENV", "A")]),
        ("ENV LDAP_ROOTPASS=fsociety BYPASS=a ENCOMPASS=b\n", [("ENV", "LDAP_ROOTPASS")]),
        ("RUN x --id AKIAIOSFODNN7EXAMPLE\n", [("RUN", "an AWS access key id")]),
        ("COPY <<EOF /x\nAKIAIOSFODNN7EXAMPLE\nEOF\n", [("COPY", "an AWS access key id")]),
        ('RUN echo "API_SECRET=abcd" > .env\n', [("RUN", "API_SECRET")]),
        ("RUN export A=b DB_PASSWORD='a b' && make\n", [("RUN", "DB_PASSWORD")]),
        ("COPY <<EOF /x\nA=b\nAPI_KEY=abcd\nAPI_KEY=abcd\nEOF\n", [("COPY", "API_KEY")]),
        ('CMD ["bot", "--api-secret=abcd"]\n', [("CMD", "api-secret")]),
        ("RUN API_TOKEN=AKIAIOSFODNN7EXAMPLE x\n", [("RUN", "an AWS access key id")]),
        ("COPY a .env b/\n", [("COPY", ".env")]),
        ("ADD config/.env.production /app/.env\n", [("ADD", "config/.env.production")]),
        ("COPY id_ed25519 /root/.ssh/\n", [("COPY", "id_ed25519")]),
        (
            "COPY tls/server-key.pem client.p12 /x/\n",
            [("COPY", "tls/server-key.pem"), ("COPY", "client.p12")],
        ),
        ("ONBUILD ENV API_KEY=abcd\n", [("ENV", "API_KEY")]),
    ],
)
def test_secrets(body: str, found: list[tuple[str, str]]) -> None:
    assert secrets(body) == found


@pytest.mark.parametrize(
    "body",
    [
        "ARG NPM_TOKEN\nRUN npm ci\n",
        "ARG NPM_TOKEN=\nENV EMPTY_SECRET=''\n",
        "ENV DB_PASSWORD_FILE=/run/secrets/db DB_PASSWORD=/run/secrets/db\n",
        "ENV TLS_KEY=certs/server.key TOKEN_URL=https://example.com/t AUTH_TOKEN=https://a/b\n",
        "ENV GPG_KEY=abcd PUBLIC_KEY=abcd CACHE_KEY=a MONKEY=b KEYBOARD=us SSH_KNOWN_HOSTS=x\n",
        "ENV RELEASE_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D SIGN_KEY=0xAABBCCDD\n",
        "ENV ALLOW_EMPTY_PASSWORD=yes NO_PASSWORD=true\n",
        "COPY .env.example .env.sample /app/\n",
        "COPY id_rsa.pub ca.pem rds-ca-bundle.pem fullchain.pem repo.gpg.key /x/\n",
        "COPY src/environment.ts keyboard.key.md /x/\n",
        "RUN --mount=type=secret,id=token cat /run/secrets/token\n",
        "RUN --mount=type=secret,id=t,env=NPM_TOKEN npm ci --token-ttl=9 --token=$NPM_TOKEN\n",
        'RUN API_KEY=$(cat /run/secrets/k) SECRET="a${B}" TOKEN=a$B PASSWORD= make\n',
        "RUN curl 'https://a/?token=abcd' && sed s/password=x/password=y/ f\n",
        "# ENV API_KEY=abcd\n",
        "LABEL secret_name=abcd\n",
    ],
)
def test_what_is_no_secret(body: str) -> None:
    assert secrets(body) == []


def test_what_may_be_a_secret() -> None:
    assert doubt("ARG T\nENV API_TOKEN=$T\n") == "build argument T"
    assert doubt("ARG T\nENV API_TOKEN=${T:-}\n").startswith("the build arguments")
    assert doubt("COPY tls/server.pem /x/\n") == "whether server.pem holds a private key"
    assert doubt("COPY *.pem /x/\n") == "which files *.pem stands for"
    assert doubt("COPY a .env* /x/\n") == "which files .env* stands for"


def test_the_value_of_a_secret_is_in_no_field() -> None:
    stage = final("FROM alpine\nENV API_KEY=hunter2hunter2\nENV B_TOKEN=x${API_KEY}\n")
    assert len(stage.secrets) == 2  # type: ignore[arg-type]
    assert "hunter2" not in repr({**dict(stage), "origin": "", "chains": ""})
    assert not any("hunter2" in step.label for chain in stage.chains.values() for step in chain)


def test_secrets_have_their_place_and_go_to_the_stages_above() -> None:
    below, above = stages("FROM alpine AS x\nENV A=1 \\\n  API_KEY=abcd\nFROM x\n")
    assert below.secrets == above.secrets
    place = below.chains["secrets[0]"][0].span
    assert place is not None
    assert (place.line, place.text) == (3, "API_KEY=abcd")
    assert above.chains["secrets[0]"][0].kind is StepKind.STAGE


def test_a_token_in_a_long_command_has_its_place() -> None:
    stage = final("FROM alpine\nRUN a \\\n  && b é \\\n  && c AKIAIOSFODNN7EXAMPLE\n")
    place = stage.chains["secrets[0]"][0].span
    assert place is not None
    assert (place.line, place.text) == (4, "AKIAIOSFODNN7EXAMPLE")
    cut = final("FROM alpine\nRUN a AKIAIOSF\\\nODNN7EXAMPLE\n").chains["secrets[0]"][0].span
    assert cut is not None
    assert (cut.line, cut.text) == (2, "a AKIAIOSF\\\nODNN7EXAMPLE")


def test_very_many_secrets_are_cut() -> None:
    value = final("FROM alpine\n" + "ENV API_KEY=abcd\n" * 60).secrets
    assert isinstance(value, PartialList)
    assert len(value.known) == 50


# Laws

LINES = st.sampled_from(
    [
        *("FROM alpine:3", "FROM a AS b", "from b", "ARG U", "ARG U=root", "ENV K=$U", "USER $U"),
        *(
            "USER ${K:-trader}",
            "COPY .env /",
            "RUN <<EOF",
            "EOF",
            "RUN x \\",
            "ENV API_KEY=x",
            "USER",
        ),
        *("# escape=`", "`", "RUN x `", "ONBUILD RUN <<EOF", "ONBUILD USER y", "FROM $U AS c", ""),
        *(
            "RUN echo '",
            'RUN ["<<EOF"]',
            "COPY <<-'A B' x /",
            "\tA B",
            "RUN a <<<EOF",
            "FROM",
            "\\",
        ),
    ]
)
FILES = st.lists(LINES, max_size=14).map("\n".join)


@given(st.one_of(st.binary(max_size=200), FILES.map(str.encode)))
def test_any_file_is_stages_and_gaps_and_the_counts_agree(data: bytes) -> None:
    items = collect(data)
    (tally,) = [item for item in items if isinstance(item, Tally)]
    found = [item for item in items if isinstance(item, DockerfileStage)]
    assert len({stage.address for stage in found}) == len(found) == tally.normalised
    assert tally.found == tally.normalised
    assert found or any(isinstance(item, Gap) for item in items)


@given(FILES)
def test_both_counters_agree(text: str) -> None:
    instructions = read_dockerfile(Source("Dockerfile", text.encode())).instructions
    assert count_stages(text.encode()) == sum(i.keyword == "FROM" for i in instructions)


def outside_heredocs(text: str) -> Iterator[int]:
    """The lines before which a comment changes nothing: after the directives, not in a text."""
    source = Source("Dockerfile", text.encode())
    for instruction in read_dockerfile(source).instructions:
        yield source.line_of(instruction.span.start) - 1


@settings(max_examples=60)
@given(FILES, st.data())
def test_a_comment_changes_nothing(text: str, data: st.DataObject) -> None:
    text = "FROM alpine\n" + text
    line = data.draw(st.sampled_from([n for n in outside_heredocs(text) if n] or [1]))
    lines = text.split("\n")
    commented = "\n".join([*lines[:line], "# API_KEY=note", *lines[line:]])
    before, after = stages(text), stages(commented)
    assert len(before) == len(after)
    for one, other in zip(before, after, strict=True):
        for name in type(one).model_fields:
            if name not in ("origin", "chains"):
                assert same(getattr(one, name), getattr(other, name))


def built_with(text: str, **build_args: str) -> DockerfileStage:
    reading = Reading(".", {"build_args": build_args})
    items = DockerfileCollector().read(
        Files({"Dockerfile": text.encode()}), ["Dockerfile"], reading
    )
    return [item for item in items if isinstance(item, DockerfileStage)][-1]


def test_a_given_build_argument_replaces_the_default_wherever_it_is_declared() -> None:
    text = "ARG TAG=latest\nFROM alpine:${TAG}\nARG WHO\nUSER ${WHO}\n"
    stage = built_with(text, TAG="3.20", WHO="10001")
    assert (stage.base_tag, stage.user, stage.user_is_root) == ("3.20", "10001", False)
    chain = stage.provenance("base_tag")
    assert [step.kind for step in chain] == [
        StepKind.INSTRUCTION,
        StepKind.INSTRUCTION,
        StepKind.TABLE,
    ]
    assert chain[-1].label == "dockerfile.build_args of policyscan.yaml"


def test_an_empty_build_argument_is_set_and_empty() -> None:
    assert built_with("FROM scratch\nARG WHO=root\nUSER x${WHO:-y}${WHO-z}\n", WHO="").user == "xy"
    assert built_with("FROM scratch\nARG WHO=trader\nUSER ${WHO}\n", WHO="").user_is_root is True


def test_a_given_build_argument_counts_only_where_it_is_declared() -> None:
    text = "ARG WHO=trader\nFROM scratch\nUSER ${WHO}x\n"
    assert built_with(text, WHO="10001").user == built_with(text).user == "x"


def test_a_given_build_argument_reaches_the_stages_above() -> None:
    text = "FROM alpine:3.20 AS base\nARG WHO\nFROM base\nARG WHO=root\nUSER ${WHO}\n"
    assert built_with(text, WHO="trader").user_is_root is False
    assert built_with(text).user_is_root is True
