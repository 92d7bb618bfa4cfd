"""A runner of GitHub, as far as our action and the workflows of our pages need one.

Steps with `run` are run by bash with the files and variables that a runner gives them. Of those
with `uses`, checkout is done for real from a server that is a directory, our own action is run step
by step, and the others are recorded with what they are given. Expressions are evaluated.

https://docs.github.com/en/actions/reference/workflows-and-actions
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.ci.server import GitHub

ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github" / "actions" / "scan"
OURS = re.compile(r"(policyscan/policyscan/|\./(\w+/)?)\.github/actions/scan(@\S+)?")
INSTALL = "Install policyscan"


@dataclass
class Step:
    """What became of one step."""

    name: str
    outcome: str
    """`success`, `failure` or `skipped`, before `continue-on-error`."""
    log: str = ""
    used: str = ""
    given: dict[str, str] = field(default_factory=dict)


@dataclass
class Job:
    """What became of a job, or of an action in one."""

    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    failed: bool = False

    @property
    def log(self) -> str:
        """What all steps printed."""
        return "".join(step.log for step in self.steps)

    def step(self, name: str) -> Step:
        """The step of that name, or that uses the action of that name."""
        [found] = [each for each in self.steps if each.name == name or name in each.used]
        return found

    def used(self, name: str) -> list[dict[str, str]]:
        """What an action was given, each time that it was used."""
        return [
            step.given for step in self.steps if name in step.used and step.outcome == "success"
        ]


class Runner:
    """A machine for one job."""

    def __init__(
        self, place: Path, server: GitHub, event_name: str, event: Mapping[str, Any]
    ) -> None:
        self.place = place
        self.server = server
        self.workspace = place / "workspace"
        self.temp = place / "temp"
        for folder in (self.workspace, self.temp, place / "home"):
            folder.mkdir(parents=True)
        # In place of the installation, whose step is run by a test of its own.
        (self.temp / "policyscan-venv").symlink_to(sys.prefix)
        (place / "event.json").write_text(json.dumps(event))
        self.event_name = event_name
        self.event = event
        self.extra: dict[str, str] = {}
        """More variables, as `env` of a workflow sets them."""
        self.failing: set[str] = set()
        """Actions that fail."""

    @property
    def sha(self) -> str:
        """The commit that the job is for."""
        return str(self.event["_sha"])

    def environment(self) -> dict[str, str]:
        """What every step sees."""
        event = self.event
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.place / "home"),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": "ann",
            "GITHUB_API_URL": self.server.api,
            "GITHUB_EVENT_NAME": self.event_name,
            "GITHUB_EVENT_PATH": str(self.place / "event.json"),
            "GITHUB_HEAD_REF": event.get("pull_request", {}).get("head", {}).get("ref", ""),
            "GITHUB_BASE_REF": event.get("pull_request", {}).get("base", {}).get("ref", ""),
            "GITHUB_REF": str(event["_ref"]),
            "GITHUB_REPOSITORY": self.server.repository,
            "GITHUB_SERVER_URL": self.server.url,
            "GITHUB_SHA": self.sha,
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(self.temp),
            "POLICYSCAN_CACHE": "off",
            **self.extra,
        }

    def job(self, job: Mapping[str, Any]) -> Job:
        """Runs the steps of a job of a workflow."""
        return self._steps(job["steps"], {}, ROOT)

    def action(self, inputs: Mapping[str, str] | None = None) -> Job:
        """Checks out, and runs our action with these inputs."""
        self.checkout({})
        return self._action(inputs or {})

    def checkout(self, given: Mapping[str, str]) -> None:
        """What actions/checkout does: the one commit, and nothing before it unless asked."""
        into = self.workspace / given.get("path", ".")
        into.mkdir(exist_ok=True)
        wanted = given.get("ref") or self.sha
        depth = [] if given.get("fetch-depth") == "0" else ["--depth=1"]
        for command in (
            ["init", "-q", "."],
            ["remote", "add", "origin", f"{self.server.url}/{self.server.repository}"],
            ["fetch", "-q", "--no-tags", *depth, "origin", wanted],
            ["checkout", "-q", "--detach", "FETCH_HEAD"],
        ):
            subprocess.run(["git", *command], cwd=into, check=True, capture_output=True)

    def _action(self, given: Mapping[str, str]) -> Job:
        action = yaml.safe_load((ACTION / "action.yml").read_text())
        unknown = set(given) - set(action["inputs"])
        assert not unknown, f"the action has no input {unknown}"
        defaults = {
            name: self._filled(str(each.get("default", "")), {})
            for name, each in action["inputs"].items()
        }
        inputs = defaults | {name: _text(value) for name, value in given.items()}
        done = self._steps(action["runs"]["steps"], {"inputs": inputs}, ACTION)
        known = {"steps": self._outputs}
        done.outputs = {
            name: self._filled(each["value"], known) for name, each in action["outputs"].items()
        }
        return done

    def _steps(self, steps: list[Any], known: dict[str, Any], action: Path) -> Job:
        job = Job()
        outputs: dict[str, Any] = {}
        context = known | {"steps": outputs, "action_path": action}
        for number, step in enumerate(steps):
            condition = str(step.get("if", "success()"))
            if "()" not in condition:
                condition = f"success() && ({condition})"
            context["failed"] = job.failed
            name = self._filled(step.get("name", step.get("uses", step.get("run", ""))), context)
            if not self._value(condition.removeprefix("${{").removesuffix("}}"), context):
                job.steps.append(Step(name, "skipped", used=step.get("uses", "")))
                continue
            done, set_ = self._step(name, step, context, number, job)
            job.steps.append(done)
            outputs[step.get("id", f"_{number}")] = {"outputs": set_}
            excused = self._filled(_text(step.get("continue-on-error", "false")), context) == "true"
            job.failed |= done.outcome == "failure" and not excused
        self._outputs = outputs
        return job

    def _step(
        self, name: str, step: Mapping[str, Any], context: dict[str, Any], number: int, job: Job
    ) -> tuple[Step, dict[str, str]]:
        if "run" in step:
            return self._run(name, step, context, number, job)
        given = {
            key: self._filled(_text(value), context) for key, value in step.get("with", {}).items()
        }
        used = step["uses"]
        done = Step(
            name, "failure" if self.failing & {used.split("@")[0]} else "success", "", used, given
        )
        if OURS.fullmatch(used):
            inner = self._action(given)
            job.steps += inner.steps
            job.summary += inner.summary
            done.outcome = "failure" if inner.failed else "success"
            return done, inner.outputs
        if used.startswith("actions/checkout@"):
            self.checkout(given)
        python = {"python-path": sys.executable} if "setup-python" in used else {}
        return done, python

    def _run(
        self, name: str, step: Mapping[str, Any], context: dict[str, Any], number: int, job: Job
    ) -> tuple[Step, dict[str, str]]:
        if name == INSTALL:
            return Step(name, "success"), {}
        variables = {
            key: self._filled(_text(value), context) for key, value in step.get("env", {}).items()
        }
        files = {"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary", "GITHUB_ENV": "env"}
        places = {key: self.place / f"{value}-{number}" for key, value in files.items()}
        for place in places.values():
            place.write_bytes(b"")
        script = self.place / f"script-{number}.sh"
        script.write_text(step["run"])
        folder = self._filled(step.get("working-directory", str(self.workspace)), context)
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=folder,
            env=self.environment() | variables | {key: str(place) for key, place in places.items()},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert not places["GITHUB_ENV"].read_bytes()
        job.summary += places["GITHUB_STEP_SUMMARY"].read_text()
        outcome = "failure" if done.returncode else "success"
        return (
            Step(name, outcome, done.stdout.decode("utf-8", "replace")),
            _read_outputs(places["GITHUB_OUTPUT"]),
        )

    def _filled(self, text: str, context: Mapping[str, Any]) -> str:
        return re.sub(
            r"\$\{\{(.*?)\}\}",
            lambda found: _text(self._value(found[1], context)),
            text,
            flags=re.DOTALL,
        )

    def _value(self, expression: str, context: Mapping[str, Any]) -> Any:
        event = self.event
        names = {
            "github": {
                "event": event,
                "event_name": self.event_name,
                "ref": event["_ref"],
                "sha": self.sha,
                "token": "token-of-the-job",
                "action_path": str(context.get("action_path", "")),
                "workspace": str(self.workspace),
                "repository": self.server.repository,
            },
            "runner": {"os": "Linux", "arch": "X64", "temp": str(self.temp)},
            "inputs": context.get("inputs", {}),
            "steps": context.get("steps", {}),
        }
        functions = {
            "always": lambda: True,
            "success": lambda: not context.get("failed"),
            "failure": lambda: bool(context.get("failed")),
            "cancelled": lambda: False,
            "format": lambda text, *values: text.format(*values),
            "lookup": lambda path: _lookup(names, path),
        }
        return eval(_as_python(expression), {"__builtins__": {}}, functions)


_TOKEN = re.compile(
    r"'(?:[^']|'')*'|[A-Za-z_][\w.-]*(?=\()|[A-Za-z_][\w.-]*|&&|\|\||!=|==|[!(),]|\s+|\d+"
)


def _as_python(expression: str) -> str:
    words = {"&&": " and ", "||": " or ", "!": " not ", "true": "True", "false": "False"}
    out = []
    position = 0
    expression = expression.strip()
    while position < len(expression):
        found = _TOKEN.match(expression, position)
        assert found, f"not understood: {expression[position:]}"
        token, position = found[0], found.end()
        if token.startswith("'"):
            out.append(repr(token[1:-1].replace("''", "'")))
        elif token in words:
            out.append(words[token])
        elif token[0].isalpha() and expression[position : position + 1] != "(":
            out.append(f"lookup({token!r})")
        else:
            out.append(token)
    return "".join(out)


def _lookup(names: Mapping[str, Any], path: str) -> Any:
    value: Any = names
    for part in path.split("."):
        value = value.get(part, "") if isinstance(value, Mapping) else ""
    return value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _read_outputs(file: Path) -> dict[str, str]:
    """`name=value` lines; the other form, which takes several lines, we do not write."""
    return dict(line.split("=", 1) for line in file.read_text().splitlines())
