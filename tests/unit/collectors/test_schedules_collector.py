"""Crontabs, timers and workflows: what becomes a job that rotates keys, and what its fields say."""

from __future__ import annotations

import textwrap
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyscan.collectors.interface import Declined, Item, Reading, Units
from policyscan.collectors.schedules import SchedulesCollector
from policyscan.collectors.schedules.commands import tells_of_failure, writes_errors_to_mail
from policyscan.errors import GapReason, ReadError
from policyscan.resources.base import Gap, ProofLevel, Tally
from policyscan.resources.rotation.model import RotationProcess
from policyscan.text.source import Source
from policyscan.values import PartialList, Unknown, is_known


class Files:
    """A tree in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files
        self._read: dict[str, Source] = {}

    def files(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))

    def listdir(self, path: str) -> tuple[str, ...]:
        inside = (name[len(path) + 1 :] for name in self._files if name.startswith(f"{path}/"))
        return tuple(sorted({name.partition("/")[0] for name in inside}))

    def read(self, path: str, *, limit: int = 10_000_000) -> Source:
        if path not in self._files:
            raise ReadError(GapReason.UNREADABLE, path, "no such file")
        if len(self._files[path]) > limit:
            raise ReadError(GapReason.TOO_LARGE, path, "too large")
        return self._read.setdefault(path, Source(path, self._files[path]))


def collect(files: dict[str, str | bytes]) -> list[Item]:
    data = {
        path: text if isinstance(text, bytes) else textwrap.dedent(text).lstrip("\n").encode()
        for path, text in files.items()
    }
    collector = SchedulesCollector()
    paths = [path for path in sorted(data) if collector.claims(path, b"")]
    return list(collector.read(Files(data), paths, Reading("."))) if paths else []  # type: ignore[arg-type]


def jobs(files: dict[str, str | bytes]) -> dict[str, RotationProcess]:
    return {item.address: item for item in collect(files) if isinstance(item, RotationProcess)}


def job(text: str, path: str = "my.crontab") -> RotationProcess:
    [found] = jobs({path: text}).values()
    return found


def gaps(files: dict[str, str | bytes]) -> list[Gap]:
    return [item for item in collect(files) if isinstance(item, Gap)]


# -- which files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "crontab",
        "etc/crontab",
        "ops/rotate.cron",
        "ops/desk.crontab",
        "etc/cron.d/rotate",
        "cron.d/rotate.conf",
        "cron/root",
        "var/spool/cron/crontabs/bot",
        "etc/cron.weekly/rotate-keys",
        "systemd/rotate.timer",
        ".github/workflows/rotate.yml",
        "sub/.github/workflows/rotate.yaml",
    ],
)
def test_files_that_are_claimed(path: str) -> None:
    assert SchedulesCollector().claims(path, b"")


@pytest.mark.parametrize(
    "path",
    [
        "cron/jobs.py",
        "cron/README.md",
        "cron.d/README",
        "cron/Dockerfile",
        "src/cron/main.go",
        "crontab.md",
        "rotate.service",
        ".github/actions/rotate/action.yml",
        ".github/workflows/sub/rotate.yml",
        "k8s/cronjob.yaml",
        "main.tf",
    ],
)
def test_files_that_are_not(path: str) -> None:
    assert not SchedulesCollector().claims(path, b"")


# -- crontabs ----------------------------------------------------------------------------------


def test_the_line_of_the_guide() -> None:
    found = job("# Weekly rotation cron job\n0 2 * * 0 /usr/local/bin/rotate-binance-keys.sh\n")
    assert found.address == "my.crontab#rotate-binance-keys.sh"
    assert found.origin.proof is ProofLevel.HEURISTIC
    assert found.origin.span is not None and found.origin.span.line == 2
    assert (found.form, found.schedule, found.interval_days) == ("cron", "0 2 * * 0", 7)
    assert found.command == found.script == "/usr/local/bin/rotate-binance-keys.sh"
    assert found.purpose == "exchange_api_key"
    assert found.notifies_on_failure is False
    assert isinstance(found.script_exists, Unknown)
    assert isinstance(found.steps, PartialList)


def test_a_line_in_the_form_of_the_system_names_its_user() -> None:
    assert job("0 2 * * 0 bot rotate-keys --all", "etc/cron.d/keys").command == "rotate-keys --all"
    assert job("0 2 * * 0 bot rotate-keys --all").command == "bot rotate-keys --all"
    assert job("@weekly root rotate-keys", "etc/crontab").command == "rotate-keys"


def test_a_percent_sign_ends_the_command() -> None:
    assert job("0 2 * * 0 rotate-keys --on $(date +\\%F)%yes%").command == (
        "rotate-keys --on $(date +%F)"
    )


def test_spaces_tabs_and_line_ends() -> None:
    found = job("\t0\t2 * *  0 \t rotate-keys\r\n")
    assert (found.schedule, found.interval_days, found.command) == ("0 2 * * 0", 7, "rotate-keys")


def test_what_follows_in_a_file_is_read_on(tmp_path: object) -> None:
    found = jobs(
        {
            "etc/cron.d/keys": """
            SHELL=/bin/bash
            PATH = /usr/bin
            # 0 1 * * * root rotate-old-keys
            0 2 * * 0 root rotate-keys
            0 3 * * 0 root backup
            @reboot root rotate-keys
            0 25 * * * root rotate-keys
            """
        }
    )
    assert list(found) == [f"etc/cron.d/keys#rotate-keys{n}" for n in ("", ":2", ":3")]
    intervals = [each.interval_days for each in found.values()]
    assert intervals[0] == 7
    assert all(isinstance(days, Unknown) for days in intervals[1:])


def test_mail_reaches_those_who_are_named() -> None:
    text = """
        MAILTO=ops@example.com
        0 1 * * 0 rotate-keys-a
        0 2 * * 0 rotate-keys-b >/dev/null 2>&1
        0 3 * * 0 rotate-keys-c >/dev/null
        0 4 * * 0 rotate-keys-d &>> /var/log/keys
        0 5 * * 0 rotate-keys-e 2>&1 | logger
        MAILTO=""
        0 6 * * 0 rotate-keys-f
        MAILTO={{ oncall }}
        0 7 * * 0 rotate-keys-g
        """
    told = {found.name: found.notifies_on_failure for found in jobs({"my.cron": text}).values()}
    assert isinstance(told.pop("rotate-keys-g"), Unknown)
    assert told == {
        "rotate-keys-a": True,
        "rotate-keys-b": False,
        "rotate-keys-c": True,
        "rotate-keys-d": False,
        "rotate-keys-e": False,
        "rotate-keys-f": False,
    }


@pytest.mark.parametrize(
    "redirection",
    ["2>&1 >/dev/null", "> log", ">> log", "2>>&1", "1> log", "'>log 2>&1'", "< in", "--a=2>1"],
)
def test_errors_are_left_to_cron(redirection: str) -> None:
    assert writes_errors_to_mail(f"rotate-keys {redirection}")


@pytest.mark.parametrize(
    "redirection",
    [">/dev/null 2>&1", "&>/dev/null", "2>/dev/null", "2>> log", ">log 2>&1", "|& logger", "&>log"],
)
def test_errors_are_not_left_to_cron(redirection: str) -> None:
    assert not writes_errors_to_mail(f"rotate-keys {redirection}")


TELLS = [
    "rotate-keys || alert",
    "rotate-keys || /opt/bin/notify-oncall 'keys'",
    "rotate-keys || echo failed | mail -s keys ops@example.com",
    "rotate-keys || curl -d failed https://hooks.slack.com/services/x",
    "rotate-keys && curl -fsS https://hc-ping.com/uuid",
    "rotate-keys; curl https://hc-ping.com/uuid/$?",
    "cronitor exec abc rotate-keys",
    "alert-on-failure rotate-keys",
    "rotate-keys 2>&1 | mail -s keys ops@example.com",
    "bash -c 'rotate-keys || alert'",
    "aws sns publish --message x || true; rotate-keys || aws sns publish --message failed",
]
SILENT = [
    "rotate-keys",
    "rotate-keys || true",
    "rotate-keys || :",
    "rotate-keys || exit 1",
    "rotate-keys || echo alert",
    "rotate-keys || logger -t alert failed",
    "rotate-keys && notify-slack rotated",
    "rotate-keys | tee alert.log",
    "",
]
PERHAPS = [
    "rotate-keys-and-alert",
    "rotate-keys --alert",
    "rotate-keys --message 'x || alert'",
    "rotate-keys || /opt/on-failure.py",
    "rotate-keys; alert",
    "if ! rotate-keys; then alert; fi",
]


@pytest.mark.parametrize("command", TELLS)
def test_a_command_that_tells_of_a_failure(command: str) -> None:
    assert tells_of_failure(command) is True


@pytest.mark.parametrize("command", SILENT)
def test_a_command_that_does_not(command: str) -> None:
    assert tells_of_failure(command) is False


@pytest.mark.parametrize("command", PERHAPS)
def test_a_command_that_may(command: str) -> None:
    assert isinstance(tells_of_failure(command), Unknown)


@pytest.mark.parametrize(
    "command",
    [
        '[ "$(date +\\%u)" -eq 7 ] && rotate-keys',
        "test $(date +\\%m) = 01 && rotate-keys",
        "is-leader && rotate-keys",
        "cd /opt && is-quarter && ./rotate-keys",
        "if [ $(date +\\%d) -eq 1 ]; then rotate-keys; fi",
        "case $(date +\\%a) in Sun) ;; esac; while false; do rotate-keys; done",
        "bash -c 'every-month && rotate-keys'",
        "have-rotated || rotate-keys",
    ],
)
def test_a_job_may_not_rotate_each_time(command: str) -> None:
    assert isinstance(job(f"0 2 * * * {command}").interval_days, Unknown)


@pytest.mark.parametrize(
    "command",
    [
        "cd /opt && . ./env && git pull && ./rotate-keys",
        "test -x /opt/rotate-keys && /opt/rotate-keys",
        "if ! rotate-keys; then alert; fi",
        "if is-leader; then report; fi; rotate-keys",
        "is-leader; rotate-keys && report",
        "sleep 10; flock -n /run/lock rotate-keys",
        "is-leader && report; rotate-keys",
    ],
)
def test_a_job_that_rotates_each_time(command: str) -> None:
    assert job(f"0 2 * * * {command}").interval_days == 1


def test_a_script_with_another_name_is_looked_into() -> None:
    script = (
        "#!/bin/sh\naws secretsmanager update-secret-version-stage --version-stage AWSCURRENT\n"
    )
    files: dict[str, str | bytes] = {
        "crontab": "0 2 * * 0 /opt/weekly.sh\n0 3 * * 0 /opt/nightly.sh\n",
        "bin/weekly.sh": script,
        "bin/nightly.sh": "#!/bin/sh\necho\n",
    }
    [found] = jobs(files).values()
    assert found.address == "crontab#weekly.sh"
    assert (found.script, found.script_exists) == ("bin/weekly.sh", True)


def test_of_two_scripts_of_a_name_none_is_read() -> None:
    files: dict[str, str | bytes] = {
        "crontab": "0 2 * * 0 /opt/rotate_keys.py\n1 2 * * 0 a/rotate_keys.py",
        "a/rotate_keys.py": "print()\n",
        "b/rotate_keys.py": "print()\n",
    }
    first, second = jobs(files).values()
    assert (first.script, first.script_exists) == ("/opt/rotate_keys.py", True)
    assert second.script == "a/rotate_keys.py"


def test_a_line_that_seems_to_rotate_keys_and_is_none_of_cron_is_a_gap() -> None:
    text = "0 2 * * 0 backup\n{{ when }} rotate-keys\n0 2 * * rotate-keys\nnot a line of cron\n"
    found = gaps({"my.cron": text})
    assert [gap.span.line for gap in found if gap.span is not None] == [2, 3]
    assert all(gap.reason is GapReason.UNPARSEABLE for gap in found)


def test_a_file_without_a_line_of_cron_is_something_else() -> None:
    for text in ("hello world\n", "{% if x %}\n", "#!/bin/sh\nrun keys\n"):
        [declined] = [item for item in collect({"cron/x": text}) if isinstance(item, Declined)]
        assert declined.paths == ("cron/x",)
    assert collect({"crontab": ""})[0] == Units(("crontab",))


def test_programs_in_the_directories_of_run_parts() -> None:
    found = jobs({"etc/cron.weekly/rotate-keys": "x", "etc/cron.monthly/rotate-keys.sh": "x"})
    weekly = found["etc/cron.weekly/rotate-keys#rotate-keys"]
    assert (weekly.schedule, weekly.interval_days) == ("@weekly", 7)
    assert weekly.script_exists is True
    assert isinstance(
        found["etc/cron.monthly/rotate-keys.sh#rotate-keys.sh"].interval_days, Unknown
    )


# -- timers ------------------------------------------------------------------------------------

SERVICE = "[Unit]\nOnFailure=page.service\n[Service]\nExecStart=/opt/rotate-keys\n"
TIMER = "[Timer]\nOnCalendar=Sun 02:00\n"


def timer(text: str, **others: str) -> RotationProcess:
    [found] = jobs({"rotate-keys.timer": text, **others}).values()  # type: ignore[arg-type]
    return found


def test_a_timer_and_its_service() -> None:
    found = timer(TIMER, **{"rotate-keys.service": SERVICE})
    assert (found.form, found.interval_days) == ("systemd_timer", 7)
    assert found.command == "/opt/rotate-keys"
    assert found.notifies_on_failure is True


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("[Timer]\nOnCalendar=Mon\nOnCalendar=Thu\n", 4),
        ("[Timer]\nOnCalendar=daily\nOnCalendar=\nOnCalendar=weekly\n", 7),
        ("[Timer]\nOnCalendar=monthly\nOnUnitActiveSec=1w\n", 7),
        ("[Timer]\nOnUnitActiveSec=30d\nOnBootSec=5min\n", 30),
        ("[Timer]\nOnCalendar=Mon \\\n 02:00\n", 7),
        ("; a\n# b\n[Timer]\n  OnCalendar = weekly  \n", 7),
        ("[Install]\nOnCalendar=daily\n[Timer]\nOnCalendar=weekly\n", 7),
    ],
)
def test_when_a_timer_runs(text: str, days: float) -> None:
    assert timer(text).interval_days == days


@pytest.mark.parametrize(
    "text", ["[Timer]\n", "[Timer]\nOnBootSec=5min\n", "[Timer]\nOnCalendar=never\n"]
)
def test_a_timer_that_does_not_say_when(text: str) -> None:
    assert isinstance(timer(text).interval_days, Unknown)


def test_what_changes_a_unit_makes_it_unknown() -> None:
    drop_in = {"rotate-keys.timer.d/slow.conf": "[Timer]\nOnCalendar=\nOnCalendar=yearly\n"}
    assert isinstance(timer(TIMER, **drop_in).interval_days, Unknown)
    silent = SERVICE.replace("OnFailure=page.service", "")
    assert timer(TIMER, **{"rotate-keys.service": silent}).notifies_on_failure is False
    changed = {"rotate-keys.service": silent, "rotate-keys.service.d/a.conf": "[Unit]\n"}
    assert isinstance(timer(TIMER, **changed).notifies_on_failure, Unknown)


def test_a_service_whose_command_never_fails_tells_nobody() -> None:
    forgiven = SERVICE.replace("=/opt", "=-/opt")
    assert timer(TIMER, **{"rotate-keys.service": forgiven}).notifies_on_failure is False


@pytest.mark.parametrize(
    "command",
    [
        "/bin/sh -c 'rotate-keys || true'",
        "/bin/sh -c 'rotate-keys; echo done'",
        "/bin/bash -c 'rotate-keys | tee /var/log/keys'",
    ],
)
def test_a_service_that_loses_the_failure_tells_nobody(command: str) -> None:
    service = SERVICE.replace("/opt/rotate-keys", command)
    assert timer(TIMER, **{"rotate-keys.service": service}).notifies_on_failure is False


@pytest.mark.parametrize(
    "command",
    [
        "/bin/sh -ec 'rotate-keys; echo done'",
        "/bin/bash -c 'set -o pipefail; rotate-keys | tee /var/log/keys'",
        "/bin/sh -c 'rotate-keys && echo done'",
        "/bin/sh -c 'rotate-keys || exit 1'",
    ],
)
def test_a_service_that_keeps_the_failure(command: str) -> None:
    service = SERVICE.replace("/opt/rotate-keys", command)
    assert timer(TIMER, **{"rotate-keys.service": service}).notifies_on_failure is True


def test_a_unit_that_is_started_under_a_condition() -> None:
    text = "[Unit]\nConditionHost=bot1\n" + TIMER
    assert isinstance(timer(text).interval_days, Unknown)
    service = SERVICE + "ExecCondition=/opt/is-quarter\n"
    assert isinstance(timer(TIMER, **{"rotate-keys.service": service}).interval_days, Unknown)


def test_the_service_of_a_timer_may_have_another_name_or_be_elsewhere() -> None:
    other = {"keys@.service": SERVICE}
    assert timer("[Timer]\nOnCalendar=weekly\nUnit=keys@maker.service\n", **other).command
    alone = timer(TIMER)
    assert isinstance(alone.command, Unknown)
    assert isinstance(alone.notifies_on_failure, Unknown)
    up = timer("[Timer]\nOnCalendar=weekly\nUnit=../../etc/passwd\n")
    assert isinstance(up.command, Unknown)


def test_a_timer_that_is_none() -> None:
    found = collect({"egg.timer": "boil for 5 minutes\n"})
    assert Declined(("egg.timer",)) in found


# -- workflows ---------------------------------------------------------------------------------

WORKFLOW = """
    name: rotate binance keys
    on:
      schedule:
        - cron: "0 2 * * 0"
    jobs:
      rotate:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@v4
          - name: rotate
            run: ./rotate-keys.sh
    """


def workflow(text: str) -> RotationProcess:
    [found] = jobs({".github/workflows/rotate.yml": text}).values()
    return found


def test_a_workflow_with_a_schedule() -> None:
    found = workflow(WORKFLOW)
    assert (found.form, found.schedule, found.interval_days) == ("github_schedule", "0 2 * * 0", 7)
    assert found.command == "./rotate-keys.sh"
    assert isinstance(found.notifies_on_failure, Unknown)


def test_two_schedules_of_a_workflow_count_together() -> None:
    more = WORKFLOW.replace('"0 2 * * 0"', '"0 2 * * 1"\n        - cron: "0 2 * * 4"')
    assert workflow(more).interval_days == 4


def test_a_condition_may_leave_out_runs() -> None:
    conditional = WORKFLOW.replace(
        "- name: rotate", "- if: github.event.schedule == 'x'\n            name: rotate"
    )
    assert isinstance(workflow(conditional).interval_days, Unknown)
    job_wide = WORKFLOW.replace("runs-on:", "if: ${{ vars.ON }}\n        runs-on:")
    assert isinstance(workflow(job_wide).interval_days, Unknown)
    always = WORKFLOW.replace("- name: rotate", "- if: ${{ always() }}\n            name: rotate")
    assert workflow(always).interval_days == 7


def test_a_step_that_tells_of_a_failure() -> None:
    told = (
        WORKFLOW
        + "      - if: ${{ failure() }}\n            uses: slackapi/slack-github-action@v2\n"
    )
    assert workflow(told).notifies_on_failure is True
    after_success = told.replace("failure()", "success()")
    assert isinstance(workflow(after_success).notifies_on_failure, Unknown)
    lost = told.replace("./rotate-keys.sh", "./rotate-keys.sh || true")
    assert workflow(lost).notifies_on_failure is False
    forgiven = WORKFLOW.replace("run: ./", "continue-on-error: true\n            run: ./")
    assert workflow(forgiven).notifies_on_failure is False


@pytest.mark.parametrize(
    "text",
    [
        "name: rotate keys\non: push\njobs: {}\n",
        "name: tests\non:\n  schedule:\n    - cron: '0 2 * * 0'\njobs: {}\n",
        "name: rotate keys\non: [schedule]\n",
        "name: rotate keys\non: {schedule: []}\n",
        "- rotate\n- schedule\n",
        "rotate schedule",
        "",
    ],
)
def test_workflows_that_are_no_jobs(text: str) -> None:
    found = collect({".github/workflows/x.yml": text})
    assert not [item for item in found if isinstance(item, (RotationProcess, Gap))]


@pytest.mark.parametrize(
    "text", ["rotate: [schedule", "rotate: &a schedule", "rotate: 1\nrotate: schedule\n"]
)
def test_a_workflow_that_cannot_be_read_is_a_gap(text: str) -> None:
    for data in (text.encode(), WORKFLOW.encode("utf-16")):
        [gap] = gaps({".github/workflows/x.yml": data})
        assert gap.reason is GapReason.UNPARSEABLE


# -- the books, and hostile text ---------------------------------------------------------------


def balanced(items: list[Item]) -> bool:
    [tally] = [item for item in items if isinstance(item, Tally)]
    made = sum(isinstance(item, RotationProcess) for item in items)
    return tally.normalised == made and tally.found == made + sum(tally.dropped.values())


def test_a_file_that_is_too_large_is_a_gap() -> None:
    [gap] = gaps({"crontab": b"#" * 300_000})
    assert gap.reason is GapReason.TOO_LARGE


def test_more_jobs_than_can_be_looked_at_are_a_gap() -> None:
    text = "".join(f"{n % 60} {n % 24} * * 0 rotate-keys\n" for n in range(500))
    found = collect({"crontab": text})
    assert [gap.reason for gap in found if isinstance(gap, Gap)] == [GapReason.TOO_LARGE]
    assert balanced(found)


def test_a_large_crontab_is_read_in_no_time() -> None:
    text = "".join(f"{n % 60} 2 * * {n % 7} /opt/job-{n} --verbose || alert\n" for n in range(1000))
    start = time.process_time()
    found = collect({"crontab": text})
    assert time.process_time() - start < 0.3
    assert balanced(found)


parts = st.sampled_from(
    ["0 2 * * 0", "rotate-keys", "@weekly", "MAILTO=a", "# x", "root", "%", "\\", "||", "alert",
     "\t",     "\r", "\n", "\n",
     "\x00", "\udc80", "=", '"', "'", "[Timer]", "OnCalendar=weekly", "Unit=x", "é",
     "on:\n  schedule:\n    - cron: '0 2 * * 0'", "jobs:", "steps: [", "{{ x }}",
     "*", "/", "\x0b"]
)  # fmt: skip
names = st.sampled_from(
    ["crontab", "cron.d/x", "etc/cron.weekly/rotate", "x.timer", ".github/workflows/x.yml"]
)


@given(names, st.lists(parts, max_size=30).map(" ".join))
def test_no_text_raises_and_the_books_balance(path: str, text: str) -> None:
    found = collect({path: text.encode("utf-8", "surrogateescape")})
    assert balanced(found)
    assert all(is_known(each.address) for each in found if isinstance(each, RotationProcess))


@given(names, st.binary(max_size=300))
def test_no_bytes_raise_and_the_books_balance(path: str, data: bytes) -> None:
    assert balanced(collect({path: data}))
