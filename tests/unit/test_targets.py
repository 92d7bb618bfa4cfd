"""`targets` of the configuration: what they become, and every mistake with its place."""

from __future__ import annotations

import pytest

from policyscan.collectors.interface import Target
from policyscan.config import parse_configuration
from policyscan.config.targets import endpoint
from policyscan.errors import UsageError

FULL = b"""\
version: 1
targets:
  - path: infra
  - aws:
  - aws: {name: production, regions: [eu-west-1, us-gov-west-1], profile: desk,
          role: "arn:aws-us-gov:iam::111122223333:role/x/audit", external_id: abc, budget: 900}
  - docker: {host: "unix:///run/docker.sock", images: [desk/bot], containers: true}
  - docker: {name: spare}
  - tls: {endpoints: ["desk.example:443", "[2001:db8::1]:8443"], owned: true, ca_file: ca.pem}
"""


def test_every_sort_of_target() -> None:
    found = parse_configuration("p.yaml", FULL)
    assert found.path_target == "infra"
    assert found.targets == (
        Target("aws", "aws"),
        Target(
            "aws",
            "aws:production",
            {
                "regions": ("eu-west-1", "us-gov-west-1"),
                "profile": "desk",
                "role": "arn:aws-us-gov:iam::111122223333:role/x/audit",
                "external_id": "abc",
                "budget": 900,
            },
        ),
        Target(
            "docker",
            "docker",
            {"host": "unix:///run/docker.sock", "images": ("desk/bot",), "containers": True},
        ),
        Target("docker", "docker:spare"),
        Target(
            "tls",
            "tls",
            {
                "endpoints": (("desk.example", 443), ("2001:db8::1", 8443)),
                "owned": True,
                "ca_file": "ca.pem",
            },
        ),
    )


MISTAKES = [
    # text of the list, line, column, message
    ("- s3: {}", 3, 5, "unknown key 's3'"),
    ("- {}", 3, 5, "a target is one of path, aws, docker, tls"),
    ("- {path: a, aws: {}}", 3, 5, "a target is one of path, aws, docker, tls"),
    ("- path: a\n  - path: b", 4, 5, "there are two paths"),
    ("- path: [a]", 3, 11, "targets[0].path must be text, this is a list"),
    ("- aws: {}\n  - aws: {}", 4, 5, "two targets are called aws"),
    ("- aws: {name: a}\n  - aws: {name: a}", 4, 5, "two targets are called aws:a"),
    ("- aws: {name: a b}", 3, 17, "targets[0].aws.name must look like production"),
    ("- aws: {region: x}", 3, 11, "unknown key 'region'; did you mean 'regions'?"),
    ("- aws: {regions: eu-west-1}", 3, 20, "targets[0].aws.regions must be a list, this is text"),
    ("- aws: {regions: [europe]}", 3, 21, "targets[0].aws.regions[0] must look like eu-west-1"),
    ("- aws: {regions: []}", 3, 20, "regions is empty; name some, or leave it out"),
    ("- aws: {budget: 0}", 3, 19, "targets[0].aws.budget must be a whole number of at least 1"),
    ("- aws: {budget: 3601}", 3, 19, "targets[0].aws.budget is seconds, at most 3600"),
    ("- aws: {role: audit}", 3, 17, "targets[0].aws.role must look like arn:aws:iam::"),
    ("- docker: [a]", 3, 13, "targets[0].docker must be a mapping, this is a list"),
    ("- docker: {images: a}", 3, 22, "targets[0].docker.images must be a list, this is text"),
    ("- docker: {containers: yes}", 3, 26, "not every reader of YAML takes yes for text"),
    ("- tls: {}", 3, 10, "it names no endpoints"),
    ("- tls:", 3, 9, "it names no endpoints"),
    ("- tls: {endpoints: []}", 3, 10, "it names no endpoints"),
    ("- tls: {endpoints: [desk.example]}", 3, 23, "an endpoint is host:port"),
    ("- tls: {endpoints: ['desk.example:0']}", 3, 23, "an endpoint is host:port"),
    ("- tls: {endpoints: ['desk.example:65536']}", 3, 23, "an endpoint is host:port"),
    ("- tls: {endpoints: ['https://a:443']}", 3, 23, "an endpoint is host:port"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), MISTAKES)
def test_a_mistake_has_its_place(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_configuration("p.yaml", f"version: 1\ntargets:\n  {text}\n".encode())
    said = str(caught.value)
    assert said.startswith(f"p.yaml:{line}:{column}: {message}"), said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("desk.example:443", ("desk.example", 443)),
        ("192.0.2.1:1", ("192.0.2.1", 1)),
        ("[::1]:65535", ("::1", 65535)),
        ("a_b.example:8443", ("a_b.example", 8443)),
    ],
)
def test_an_endpoint(text: str, expected: tuple[str, int]) -> None:
    assert endpoint(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", ":443", "a:", "a:b", "a:0", "a:99999", "::1:443", "a b:1", "-a:1", "a:1\n", "[x]:1"],
)
def test_no_endpoint(text: str) -> None:
    with pytest.raises(UsageError, match="an endpoint is host:port"):
        endpoint(text)
