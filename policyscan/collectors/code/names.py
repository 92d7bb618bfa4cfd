"""What the name of a file says: source code, a manifest, a logging configuration."""

from __future__ import annotations

import re
from functools import lru_cache

LANGUAGES = {
    "py": "python",
    "js": "javascript",
    "mjs": "javascript",
    "cjs": "javascript",
    "jsx": "javascript",
    "ts": "typescript",
    "tsx": "typescript",
    "go": "go",
    "rs": "rust",
    "java": "java",
    "kt": "kotlin",
}
"""By the suffix of a source file, its language."""
_MANIFESTS = {
    "pyproject.toml": "pypi",
    "setup.py": "pypi",
    "setup.cfg": "pypi",
    "Pipfile": "pypi",
    "environment.yml": "pypi",
    "environment.yaml": "pypi",
    "package.json": "npm",
    "go.mod": "go",
    "Cargo.toml": "cargo",
    "pom.xml": "maven",
    "build.gradle": "maven",
    "build.gradle.kts": "maven",
}
_REQUIREMENTS = re.compile(r"(?:[\w.-]*[-_.])?requirements(?:[-_.][\w.-]*)?\.(?:txt|in)", re.A)
_JAVA_LOGGING = re.compile(r"(?:log4j2|logback)[\w.-]*\.(?:xml|properties|ya?ml|jsn|json)", re.A)
_PYTHON_LOGGING = re.compile(
    r"(?:[\w.-]*[-_.])?(?:log|logs|logger|loggers|logging)(?:[-_.]?(?:config|conf|cfg|settings))?"
    r"(?:[-_.][\w.-]*)?\.(?:ya?ml|json|ini|conf|cfg)",
    re.ASCII | re.IGNORECASE,
)
_NGINX_FOLDERS = frozenset({"nginx", "conf.d", "sites-available", "sites-enabled"})
_NGINX_SUFFIXES = (".conf", ".nginx", ".conf.template", ".conf.j2", ".conf.tmpl", ".conf.tpl")
_VENDORED = frozenset(
    "node_modules vendor third_party site-packages dist-packages bower_components .venv venv .tox"
    " .nox __pycache__ .eggs".split()
)
_ASIDE = frozenset(
    "test tests testing unittest unittests spec specs e2e fixtures testdata doc docs example"
    " examples sample samples demo demos benchmark benchmarks".split()
)
_TEST_FILE = re.compile(
    r"test_.*\.py|.*_tests?\.(?:py|go|rs)|conftest\.py|.*\.(?:test|spec)\.[cm]?[jt]sx?"
    r"|.*tests?\.(?:java|kt)"
)
_ENVIRONMENT = re.compile(
    r"\.env(?:\..*)?|.*\.env(?:\.(?:example|sample|dist|template))?|env\.example"
)
_COMPOSE = re.compile(r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml", re.ASCII)


def is_claimed(path: str) -> bool:
    """Whether a file of that path is for the collector, which leaves copies of other people's code
    alone also where git tracks them."""
    return bool(language_of(path) or ecosystem_of(path) or logging_format(path))


def language_of(path: str) -> str:
    """The language of a source file; empty for anything else."""
    return LANGUAGES.get(path.rpartition("/")[2].rpartition(".")[2], "") if "." in path else ""


def ecosystem_of(path: str) -> str:
    """The registry whose packages a manifest of that name lists; empty if it is none."""
    folder, _, name = path.rpartition("/")
    if name.endswith(".txt") and folder.rpartition("/")[2] == "requirements":
        return "pypi"
    return _MANIFESTS.get(name) or ("pypi" if _REQUIREMENTS.fullmatch(name) else "")


def folder_of_program(manifest: str) -> str:
    """The directory whose program a manifest describes; empty for the top of the tree."""
    folder = manifest.rpartition("/")[0]
    if folder.rpartition("/")[2] == "requirements" and manifest.endswith(".txt"):
        return folder.rpartition("/")[0]
    return folder


@lru_cache(maxsize=65_536)
def logging_format(path: str) -> str:
    """What a file of that name may configure: `log4j2`, `logback`, `nginx`, `python_logging`;
    empty if nothing."""
    name = path.rpartition("/")[2]
    if _JAVA_LOGGING.fullmatch(name):
        return name[:7].rstrip(".-_") if name.startswith("logback") else "log4j2"
    if name.startswith("nginx") and ".conf" in name:
        return "nginx"
    folders = path.split("/")[:-1]
    if not _NGINX_FOLDERS.isdisjoint(folders) and (
        name.endswith(_NGINX_SUFFIXES) or folders[-1].startswith("sites-")
    ):
        return "nginx"
    if name.endswith(".nginx"):
        return "nginx"
    return "python_logging" if _PYTHON_LOGGING.fullmatch(name) else ""


def is_vendored(path: str) -> bool:
    """Whether the file lies among copies of other people's code."""
    return not _VENDORED.isdisjoint(path.split("/")[:-1])


def is_aside(path: str) -> bool:
    """Whether the file is a test, an example or documentation, and no part of what runs."""
    folder, _, name = path.lower().rpartition("/")
    return bool(
        not _ASIDE.isdisjoint(re.split(r"[/_.-]", folder))
        or _TEST_FILE.fullmatch(name)
        or (_REQUIREMENTS.fullmatch(name) and re.search("test|dev|doc", name))
    )


def names_variables(path: str) -> bool:
    """Whether the file gives programs their environment variables: `.env.example`, a compose
    file."""
    name = path.rpartition("/")[2]
    return bool(_ENVIRONMENT.fullmatch(name) or _COMPOSE.fullmatch(name))
