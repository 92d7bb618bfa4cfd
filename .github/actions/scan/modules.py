"""Fetches the modules that Terraform roots take from registries and other repositories.

`terraform get` downloads; it starts no provider and runs nothing that it downloads. But the pull
request says from where, so git is all that it may start besides: over https, without the settings,
credentials and keys of the machine. What cannot be fetched stays a gap of the scan.

Runs with the standard library alone, as `python -I modules.py`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

Environment = Mapping[str, str]
SECONDS = 300
LONGEST = 1 << 20
"""Bytes of a file that are looked at."""
_REMOTE = re.compile(rb'^\s*source\s*=\s*"(?!\.{1,2}/)', re.MULTILINE)
_MODULE = re.compile(rb'^\s*module\s+"', re.MULTILINE)
PROGRAMS = ("terraform-bin", "terraform", "tofu-bin", "tofu")
"""The first that there is. What sets Terraform up for a job puts a script in the place of the
program, which it then calls so; the script needs what is kept from it here."""
OTHERS = ("hg", "ssh", "svn", "bzr", "git-lfs")
"""What a source may ask for and is not started: ssh has the keys of the machine, whatever HOME."""
_PROXIES = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")


def main(environ: Environment) -> int:
    """0 unless there is nothing to fetch with."""
    roots = sorted(wanting(Path(environ["ROOT"]) / environ["SCAN_PATH"]))
    if not roots:
        print("no module comes from elsewhere")
        return 0
    path = search_path(environ)
    program = next(filter(None, (shutil.which(name, path=path) for name in PROGRAMS)), None)
    if program is None:
        print(
            "::error title=policyscan::modules: get needs terraform or tofu on the PATH; "
            "set one up in a step before this one"
        )
        return 2
    ignore(Path(environ["ROOT"]))
    with tempfile.TemporaryDirectory(dir=environ["RUNNER_TEMP"]) as folder:
        home = Path(folder)
        refuse(home / "bin")
        for root in roots:
            complaint = fetch(program, root, surroundings(environ, home))
            if complaint:
                place = root.relative_to(environ["ROOT"])
                print(f"::warning title=policyscan::modules of {one_line(f'{place}: {complaint}')}")
    return 0


def search_path(environ: Environment) -> str:
    """PATH without what is relative or in the checkout, where a pull request may put programs."""
    space = Path(environ["GITHUB_WORKSPACE"]).resolve()
    folders = map(Path, environ["PATH"].split(os.pathsep))
    return os.pathsep.join(
        str(folder)
        for folder in folders
        if folder.is_absolute() and not folder.resolve().is_relative_to(space)
    )


def refuse(folder: Path) -> None:
    """Puts programs into a directory that do nothing and fail, in place of `OTHERS`."""
    folder.mkdir()
    for name in OTHERS:
        (folder / name).write_text("#!/bin/sh\nexit 1\n")
        (folder / name).chmod(0o700)


def ignore(root: Path) -> None:
    """Tells git in this clone that what is fetched is no file of the repository, so that the base
    is judged with the same modules, and they are not taken for something new."""
    settings = root / ".git" / "info"
    if settings.parent.is_dir():
        settings.mkdir(exist_ok=True)
        with (settings / "exclude").open("a") as file:
            file.write("\n.terraform/\n")


def wanting(top: Path) -> Iterator[Path]:
    """The directories with a call of a module that is not in the repository."""
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if name not in {".git", ".terraform"})
        files = [Path(folder, name) for name in names if name.endswith(".tf")]
        if any(calls_out(file) for file in files):
            yield Path(folder)


def calls_out(file: Path) -> bool:
    """Whether a file calls such a module. To err here only costs a needless call of terraform."""
    if file.is_symlink() or not file.is_file():
        return False
    with file.open("rb") as opened:
        text = opened.read(LONGEST)
    return bool(_MODULE.search(text) and _REMOTE.search(text))


def fetch(program: str, root: Path, environ: Environment) -> str:
    """What went wrong; empty if all is there."""
    if os.path.lexists(root / ".terraform"):
        return "the repository brings a .terraform of its own; nothing is written into it"
    try:
        done = subprocess.run(  # noqa: S603 - an argument list and an absolute path
            [program, "get", "-no-color"],
            cwd=root,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return done.stderr.decode("utf-8", "replace").strip()[:2000] if done.returncode else ""


def surroundings(environ: Environment, home: Path) -> dict[str, str]:
    """An environment without credentials, and in which git asks nobody and runs nothing."""
    proxies = {name: environ[name] for name in _PROXIES if name in environ}
    return {
        "PATH": f"{home / 'bin'}{os.pathsep}{search_path(environ)}",
        "HOME": str(home),
        "LC_ALL": "C",
        # What the machine is given for being in a cloud is a credential too.
        "AWS_EC2_METADATA_DISABLED": "true",
        "GOOGLE_APPLICATION_CREDENTIALS": "/nonexistent",
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "GIT_ALLOW_PROTOCOL": "https",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_SSH_COMMAND": "false",
        "GIT_TERMINAL_PROMPT": "0",
        **proxies,
    }


def one_line(text: str) -> str:
    """Text as the value of a workflow command, which cannot begin another one."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


if __name__ == "__main__":
    sys.exit(main(os.environ))
