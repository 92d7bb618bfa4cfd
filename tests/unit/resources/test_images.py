"""Image references, the table of well-known images, and which users are root."""

from __future__ import annotations

import datetime

import pytest

from policyscan.resources.images import HOLE, Reference, base_images, user_is_root


@pytest.mark.parametrize(
    ("text", "name", "tag", "digest"),
    [
        ("alpine", "alpine", None, None),
        ("alpine:3.20", "alpine", "3.20", None),
        ("alpine@sha256:ab", "alpine", None, "sha256:ab"),
        ("alpine:3.20@sha256:ab", "alpine", "3.20", "sha256:ab"),
        ("host:5000/a/b", "host:5000/a/b", None, None),
        ("host:5000/a/b:1", "host:5000/a/b", "1", None),
        ("alpine:", "alpine", None, None),
        (f"alpine:{HOLE}", "alpine", HOLE, HOLE),
        (f"alpine:{HOLE}-x", "alpine", f"{HOLE}-x", None),
        (f"{HOLE}/alpine:1", f"{HOLE}/alpine", "1", None),
        (f"{HOLE}/alpine", f"{HOLE}/alpine", None, None),
        (HOLE, HOLE, HOLE, HOLE),
        (f"team/{HOLE}-base", f"team/{HOLE}-base", HOLE, None),
        (f"{HOLE}@sha256:ab", HOLE, HOLE, "sha256:ab"),
    ],
)
def test_references(text: str, name: str, tag: str | None, digest: str | None) -> None:
    assert Reference.parse(text) == Reference(name, tag, digest)


@pytest.mark.parametrize(
    ("image", "family", "user"),
    [
        ("scratch", "scratch", ""),
        ("alpine", "alpine", ""),
        ("alpine@sha256:ab", "alpine", ""),
        ("docker.io/library/alpine:3", "alpine", ""),
        ("public.ecr.aws/docker/library/python:3.12-slim", "debian-slim", ""),
        ("python:3.12", "python", ""),
        ("python:3.12-alpine3.20", "alpine", ""),
        ("python:3.12-slim-bookworm", "debian-slim", ""),
        ("python@sha256:ab", None, ""),
        (f"python:{HOLE}", None, ""),
        (f"python:{HOLE}-slim", "debian-slim", ""),
        ("python:3.12-windowsservercore-ltsc2022", "windows", None),
        ("debian:bookworm-slim", "debian-slim", ""),
        ("ubuntu:24.04", "ubuntu", ""),
        ("gcr.io/distroless/static-debian12", "distroless", "0"),
        ("gcr.io/distroless/static-debian12:debug", "distroless", "0"),
        ("gcr.io/distroless/static-debian12:debug-nonroot", "distroless", "65532"),
        ("gcr.io/distroless/base:nonroot-amd64", "distroless", "65532"),
        (f"gcr.io/distroless/base:{HOLE}", "distroless", None),
        ("gcr.io/distroless/base@sha256:ab", "distroless", None),
        ("cgr.dev/chainguard/python:latest", "chainguard", "65532"),
        ("cgr.dev/chainguard/wolfi-base", "wolfi", None),
        ("cgr.dev/chainguard/something-else", "chainguard", None),
        ("registry.access.redhat.com/ubi9/ubi-micro:9.4", "ubi-micro", ""),
        ("mcr.microsoft.com/dotnet/aspnet:8.0", "dotnet", ""),
        ("mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled", "ubuntu-chiseled", "1654"),
        ("mcr.microsoft.com/windows/nanoserver:ltsc2022", "windows", "ContainerUser"),
        ("mcr.microsoft.com/windows/servercore:ltsc2022", "windows", "ContainerAdministrator"),
        ("docker:27-dind-rootless", "alpine", "rootless"),
        ("tiangolo/uvicorn-gunicorn-fastapi:python3.12-slim", "debian-slim", ""),
        ("ghcr.io/astral-sh/uv:python3.12-bookworm-slim", "debian-slim", ""),
        ("denoland/deno:distroless-2.1.4", "distroless", ""),
        ("mambaorg/micromamba:2.0.5", "debian-slim", "mambauser"),
        ("mambaorg/micromamba:2.0.5-ubuntu24.04", "ubuntu", "mambauser"),
        ("registry.example.com/python:3.12", None, None),
        ("registry.example.com/bot:1-alpine", "alpine", None),
        (f"{HOLE}/python:3.12-slim", "debian-slim", None),
    ],
)
def test_what_is_known_of_an_image(image: str, family: str | None, user: str | None) -> None:
    table = base_images()
    reference = Reference.parse(image)
    assert (table.family(reference), table.user(reference)) == (family, user)


def test_the_table_is_dated() -> None:
    assert datetime.date.fromisoformat(base_images().as_of)


@pytest.mark.parametrize(
    "user",
    [
        "",
        "root",
        "0",
        "00",
        "+0",
        "-0",
        "0:0",
        "root:root",
        "0:1000",
        ":1000",
        f"0:{HOLE}",
        "ContainerAdministrator",
    ],
)
def test_root(user: str) -> None:
    assert user_is_root(user) is True


@pytest.mark.parametrize("user", ["1", "10001", "100", "trader", "trader:root", "1000:0", "rooty"])
def test_not_root(user: str) -> None:
    assert user_is_root(user) is False


def test_the_administrator_of_windows_is_root() -> None:
    assert user_is_root("ContainerAdministrator") is True
    assert user_is_root("ContainerUser") is False


def test_an_account_with_user_id_0_is_root_under_any_name() -> None:
    assert user_is_root("trader:staff", {"trader"}) is True


@pytest.mark.parametrize("user", [HOLE, f"app{HOLE}", f"{HOLE}:0", "trader # note"])
def test_not_known(user: str) -> None:
    assert user_is_root(user) is None


def test_a_number_of_any_length_is_read() -> None:
    assert user_is_root("0" * 10_000) is True
    assert user_is_root("1" * 10_000) is False
