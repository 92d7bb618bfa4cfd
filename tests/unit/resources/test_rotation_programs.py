"""What rotation programs do, by their text: the steps, their order, and what only looks like it."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyscan.resources.rotation.facts import ORDER, ProgramFacts
from policyscan.resources.rotation.program import facts_of
from policyscan.text.source import Source
from policyscan.values import PartialList, Unknown

HEAD = """
import boto3
from binance.client import Client

client, store = Client(), boto3.client("secretsmanager")
"""
CREATE = "new = client.sapi_post_sub_account_subaccountapi(canTrade=True)"
PENDING = 'store.put_secret_value(SecretId="k", SecretString=new, VersionStages=["AWSPENDING"])'
PROMOTE = 'store.update_secret_version_stage(SecretId="k", VersionStage="AWSCURRENT")'
REVOKE = "client.sapi_delete_sub_account_subaccountapi(apiKey=old)"
VALIDATE = """
def test_key(key):
    if not Client(key).get_account()["canTrade"]:
        raise RuntimeError("refused")
"""


def facts(text: str, path: str = "rotate.py") -> ProgramFacts:
    return facts_of(Source(path, textwrap.dedent(text).encode()))


def holds(found: ProgramFacts) -> bool | None:
    """Whether everything that is asked for holds; None if that is not known."""
    wanted = [
        found.order_ok,
        found.validates_before_promote,
        found.revokes_after_promote,
        found.has_rollback,
    ]
    steps = found.steps.known if isinstance(found.steps, PartialList) else found.steps
    missing = set(ORDER) - set(steps)
    if False in [fact for fact in wanted if not isinstance(fact, Unknown)]:
        return False
    if missing and not isinstance(found.steps, PartialList):
        return False
    return None if missing or any(isinstance(fact, Unknown) for fact in wanted) else True


def program(body: str, functions: str = VALIDATE) -> str:
    return f"{HEAD}\n{functions}\n{textwrap.dedent(body)}"


GOOD = f"""
{CREATE}
try:
    {PENDING}
    test_key(new)
    {PROMOTE}
except Exception:
    client.sapi_delete_sub_account_subaccountapi(apiKey=new)
    raise
{REVOKE}
"""


def test_a_program_that_does_everything() -> None:
    found = facts(program(GOOD))
    assert holds(found) is True
    assert found.steps == ORDER


NOT_GOOD = {
    "the validation is empty": program(GOOD, "def test_key(key):\n    pass\n"),
    "it only logs": program(GOOD, "def test_key(key):\n    print('testing', key)\n"),
    "it is left for later": program(GOOD, "def test_key(key):\n    raise NotImplementedError()\n"),
    "it comes too late": program(f"""
        {CREATE}
        {PENDING}
        {PROMOTE}
        test_key(new)
        {REVOKE}
        """),
    "the old key goes first": program(f"""
        {REVOKE}
        {CREATE}
        {PENDING}
        test_key(new)
        {PROMOTE}
        """),
    "the old key stays": program(GOOD.replace(REVOKE, "")),
    "nothing is undone": program(f"{CREATE}\n{PENDING}\ntest_key(new)\n{PROMOTE}\n{REVOKE}\n"),
    "undoing is empty": program(
        GOOD.replace("client.sapi_delete_sub_account_subaccountapi(apiKey=new)", "rollback()"),
        VALIDATE + "\ndef rollback():\n    print('rolling back')\n",
    ),
    "the stage is that in use": program(GOOD.replace("AWSPENDING", "AWSCURRENT")),
    "no stage is given": program(GOOD.replace(', VersionStages=["AWSPENDING"]', "")),
    "the list of addresses is no key": program(
        GOOD.replace(
            "sapi_post_sub_account_subaccountapi", "sapi_post_sub_account_subaccountapi_ip"
        )
    ),
    "what follows a return": program(f"""
        def main():
            {CREATE}
            {PENDING}
            {PROMOTE}
            return
            test_key(new)

        main()
        """),
}


@pytest.mark.parametrize("case", NOT_GOOD)
def test_what_only_looks_like_it_does_not_hold(case: str) -> None:
    assert holds(facts(NOT_GOOD[case])) is False


UNCLEAR = {
    "the validation depends on an option": program(
        GOOD.replace("    test_key(new)", "    if careful:\n        test_key(new)")
    ),
    "its error is swallowed": program(
        GOOD.replace(
            "    test_key(new)",
            "    try:\n        test_key(new)\n    except Exception:\n        print('refused')",
        )
    ),
    "its answer is ignored": program(
        GOOD, "def test_key(key):\n    return requests.get(URL, headers=key).ok\n"
    ),
    "it is elsewhere": program(GOOD, "from desk.keys import test_key\n"),
    "the whole is elsewhere": "from desk.keys import rotate\nrotate('binance')\n",
    "a process is started": program("import subprocess\nsubprocess.run(['rotate'])\n"),
    "another program is started": program(f"import os\nos.system('revoke')\n{GOOD}"),
    "a method is computed": program("getattr(client, name)()\n"),
    "two functions have a name": program(GOOD, VALIDATE + VALIDATE),
    "something else is called as well": "import desk.keys\n"
    + program(f"desk.keys.begin()\n{GOOD}"),
    "it does not parse": "def rotate(:\n",
    "it is of another age": "print 'rotating'\n",
    "the request does not say what it does": program("""
        def call(method, path):
            return requests.request(method, path)

        call(method, "/sapi/v1/sub-account/subAccountApi")
        """),
    "it is never started": program(f"def rotate_them():\n    {CREATE}\n    {PENDING}\n", ""),
    "it is nothing": "",
}


@pytest.mark.parametrize("case", UNCLEAR)
def test_what_cannot_be_seen_is_not_known(case: str) -> None:
    assert holds(facts(UNCLEAR[case])) is None


def test_a_validation_whose_answer_decides() -> None:
    functions = "def test_key(key):\n    return requests.get(URL, headers=key).ok\n"
    body = GOOD.replace(
        "    test_key(new)", "    if not test_key(new):\n        raise RuntimeError()"
    )
    assert holds(facts(program(body, functions))) is True
    kept = GOOD.replace(
        "    test_key(new)",
        "    works = test_key(new)\n    if not works:\n        raise ValueError()",
    )
    assert holds(facts(program(kept, functions))) is True


def test_a_key_is_made_where_none_is_pending() -> None:
    """As in the template of AWS."""
    asked = "store.get_secret_value(SecretId='k', VersionStage='AWSPENDING')"
    body = f"""
try:
    {asked}
except store.exceptions.ResourceNotFoundException:
    {CREATE}
    {PENDING}
try:
    test_key(new)
    {PROMOTE}
except Exception:
    client.sapi_delete_sub_account_subaccountapi(apiKey=new)
    raise
{REVOKE}
"""
    assert facts(program(body)).steps == ORDER
    assert holds(facts(program(body))) is True


def test_a_new_key_that_is_deleted_when_it_does_not_work_is_a_way_back() -> None:
    found = facts(
        program(f"""
        {CREATE}
        {PENDING}
        if not client.get_account(new):
            {REVOKE.replace("old", "new")}
            raise RuntimeError("refused")
        {PROMOTE}
        {REVOKE}
        """)
    )
    assert found.has_rollback is True
    assert found.order_ok is True


SHELL = """
    #!/bin/bash
    set -euo pipefail
    trap 'curl -X DELETE "$API/sapi/v1/sub-account/subAccountApi?apiKey=$new"' ERR
    new=$(curl -f -X POST "$API/sapi/v1/sub-account/subAccountApi")
    aws secretsmanager put-secret-value --secret-id k --version-stages AWSPENDING
    curl -f -H "X-MBX-APIKEY: $new" "$API/api/v3/account"
    aws secretsmanager update-secret-version-stage --secret-id k --version-stage AWSCURRENT
    trap - ERR
    curl -X DELETE "$API/sapi/v1/sub-account/subAccountApi?apiKey=$old"
    """


def test_a_program_of_the_shell() -> None:
    found = facts(
        SHELL.replace("    trap 'curl -X DELETE", "    trap 'undo_new; curl -X GET"), "r.sh"
    )
    assert isinstance(found.steps, PartialList)
    assert found.steps.known == ORDER
    assert found.validates_before_promote is True
    assert holds(found) is None, "what else it does is not seen"


def test_a_program_of_the_shell_that_revokes_first() -> None:
    lines = textwrap.dedent(SHELL).strip().split("\n")
    found = facts("\n".join([*lines[:2], lines[-1], *lines[3:-1]]), "rotate.sh")
    assert found.order_ok is False
    assert found.revokes_after_promote is False


def test_functions_of_the_shell_are_not_followed() -> None:
    found = facts("#!/bin/sh\nmain() {\n  aws iam create-access-key\n}\nmain\n", "rotate")
    assert holds(found) is None
    assert isinstance(found.order_ok, Unknown)


@pytest.mark.parametrize(
    ("path", "text"),
    [("rotate", "\x7fELF"), ("rotate.js", "rotate()"), ("rotate.py", "x" * 300_000)],
)
def test_what_is_not_read_is_not_known(path: str, text: str) -> None:
    assert holds(facts(text, path)) is None


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "-" * 100_000 + "1",
        "x = " + "1+" * 50_000 + "1",
        "a" + ".b()" * 20_000,
        "\0",
        "def f():\n f()\n f()\nf()\n" * 50,
        "\n".join(f"def f{n}():\n f{n + 1}()\n f{n + 1}()" for n in range(60)) + "\nf0()",
        "if 1:\n" + "".join(" " * n + "if 1:\n" for n in range(1, 99)) + " " * 99 + "pass",
    ],
    ids=["brackets", "signs", "sum", "calls", "NUL", "recursion", "tree of calls", "nesting"],
)
def test_hostile_programs_end_in_time(text: str) -> None:
    assert holds(facts(text)) in (None, False)


lines = st.sampled_from(
    [CREATE, PENDING, PROMOTE, REVOKE, "test_key(new)", "try:", "except Exception:", "    raise",
     "if x:", "    " + REVOKE, "    " + PROMOTE, "finally:", "    test_key(new)", "return", ""]
)  # fmt: skip


@given(st.lists(lines, max_size=12))
def test_no_order_of_lines_raises_or_passes_without_its_validation(body: list[str]) -> None:
    text = "\n".join(body)
    found = facts(program(text))
    if holds(found):
        assert text.index("test_key(new)") < text.index(PROMOTE)
