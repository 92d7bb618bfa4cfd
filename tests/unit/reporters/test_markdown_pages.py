from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from policyscan.findings import (
    Change,
    GapRecord,
    Location,
    ProvenanceStep,
    Report,
    Verdict,
    Witness,
)
from policyscan.reporters.markdown import (
    GATE_POLICY,
    MOST_BYTES,
    MOST_OF_COMMENT,
    CommentReporter,
    MarkdownReporter,
)
from policyscan.reporters.markdown.page import Section, fitted
from tests.markdown_reader import read_markdown
from tests.sample_report import compared_report, large_report, sample_report, summary_of


def page(report: Report) -> str:
    return MarkdownReporter().render(report).decode()


def comment(report: Report) -> str:
    return CommentReporter().render(report).decode()


def clear() -> Report:
    """The sample after everything was mended."""
    findings = tuple(one for one in sample_report().findings if one.verdict is Verdict.PASS)
    summary = replace(
        summary_of(findings, ()), complete=True, exit_code=0, outcome="nothing blocks"
    )
    return replace(sample_report(), findings=findings, gaps=(), waivers=(), summary=summary)


def test_the_verdict_and_its_reason_come_first() -> None:
    lines = page(compared_report()).split("\n")
    assert lines[0] == "## policyscan: red"
    assert lines[2].startswith("**Red because** ")
    assert "block" in lines[2]


def test_what_blocks_is_told_in_full_before_everything_else() -> None:
    text = page(sample_report())
    first = text.partition("| verdict |")[0]
    for finding in sample_report().findings:
        if finding.blocking and finding.verdict is Verdict.FAIL:
            assert f"`{finding.fingerprint}`" in first
    for label in ("what", "where", "because", "why", "fix", "gate"):
        assert f"- **{label}** " in first


def test_a_value_is_followed_to_where_it_comes_from() -> None:
    """Its own line is told as the place; of a long way the first two steps and the last."""
    assert (
        '- **because** `ingress[0].cidrs[0] = "0.0.0.0/0"`: port 22 is reachable from 0.0.0.0/0\n'
        "- **from** `var.admin_cidrs (infra/prod/variables.tf:3:1)` ← "
        "`admin_cidrs (infra/prod/prod.auto.tfvars:2:15)`\n"
    ) in page(sample_report())
    first, *others = sample_report().findings
    [witness, *_] = first.witnesses
    steps = tuple(
        ProvenanceStep("reference", f"v{line}", Location("a.tf", line, 1, line, 2))
        for line in range(1, 9)
    )
    long = replace(first, witnesses=(replace(witness, provenance=steps),))
    assert "- **from** `v1 (a.tf:1:1)` ← `v2 (a.tf:2:1)` ← … ← `v8 (a.tf:8:1)`\n" in page(
        replace(sample_report(), findings=(long, *others))
    )


def test_the_worst_comes_first_and_what_is_new_before_what_is_old() -> None:
    critical, medium, low = (one for one in large_report(3).findings)
    old = replace(critical, blocking=False, change=Change.UNCHANGED)
    new = replace(low, blocking=False, change=Change.NEW)
    blocks = replace(medium, blocking=True, change=Change.WORSE)
    text = page(replace(large_report(3), findings=(old, new, blocks)))
    places = [text.index(one.fingerprint) for one in (blocks, new, old)]
    assert places == sorted(places)
    assert text.index("<details>") < text.index(old.fingerprint)


def test_the_files_of_the_gate_have_a_section() -> None:
    first, *others = sample_report().findings
    step = ProvenanceStep("commit", "exclude, 3 lines added")
    witness = Witness(path="state", value='"changed"', provenance=(step,))
    changed = replace(
        first,
        policy_id=GATE_POLICY,
        message="policyscan.yaml is changed",
        blocking=False,
        change=Change.NEW,
        witnesses=(witness,),
    )
    report = replace(sample_report(), findings=(changed, *others))
    for trust, words in (("1" * 40, "Not in force for this run"), ("", "This run went by these")):
        text = page(replace(report, run=replace(report.run, trust=trust)))
        before, _, section = text.partition("### Changes to the gate itself\n")
        told = section.partition("<details>")[0]
        assert f"`{GATE_POLICY}`" in told and "exclude, 3 lines added" in told and words in told
        assert f"`{GATE_POLICY}`" not in before


def test_the_command_comes_without_its_reports() -> None:
    command = "policyscan scan infra -q --base a -o html=/t/x.html --output json=x -ojunit=y"
    report = sample_report()
    text = page(replace(report, run=replace(report.run, command=command)))
    assert text.endswith("again: `policyscan scan infra --base a`\n")
    odd = replace(report, run=replace(report.run, command="policyscan scan 'odd"))
    assert "policyscan scan 'odd" in page(odd)


def test_what_is_waived_is_told_with_who_why_and_until_when() -> None:
    report = sample_report()
    [waived] = report.of(Verdict.WAIVED)
    [waiver] = [one for one in report.waivers if one.id == waived.waiver]
    for text in (page(report), comment(report)):
        told = text.partition("<summary>1 waived failure</summary>")[2].partition("</details>")[0]
        for word in (waived.fingerprint, waiver.owner, waiver.approver, waiver.expires):
            assert word in told
        assert waiver.reason in told


def test_waivers_that_end_are_to_be_looked_at_and_those_in_force_are_not() -> None:
    section = page(compared_report()).partition(" to look at\n\n- ")[2]
    told = section.partition("\n\n")[0]
    for waiver in compared_report().waivers:
        shown = f"`{waiver.id}`" in told
        assert shown is (waiver.status != "in force"), waiver.id


def test_a_comment_is_found_again_by_its_first_line() -> None:
    assert comment(sample_report()).startswith("<!-- policyscan:scan -->\n")
    made = CommentReporter("a --> <b> & é/nightly").render(sample_report()).decode()
    assert made.startswith("<!-- policyscan:a-b-/nightly -->\n")
    assert CommentReporter("-->").marker == "<!-- policyscan:scan -->"


def test_a_comment_says_so_when_nothing_blocks_any_more() -> None:
    lines = comment(clear()).split("\n")
    assert lines[2] == "## policyscan: all clear"
    assert "Red" not in comment(clear())


@pytest.mark.parametrize("change", [Change.NEWLY_UNKNOWN, Change.NARROWED])
def test_what_the_change_hides_is_not_clear(change: Change) -> None:
    report = clear()
    first = replace(report.findings[0], change=change)
    lines = comment(replace(report, findings=(first, *report.findings[1:]))).split("\n")
    told = "nothing blocks; left: 1 verdict from before that is no longer given"
    assert lines[2] == f"## policyscan: {told}"


def test_what_is_left_is_not_clear() -> None:
    """A gap or a failure that does not block is no reason to call anything clear."""
    report, whole = clear(), sample_report()
    fails = [replace(one, blocking=False) for one in whole.of(Verdict.FAIL)]
    unknown = [replace(one, blocking=False) for one in whole.of(Verdict.UNKNOWN)]
    for findings, gaps, left in (
        (fails[:1], (), "1 failure"),
        (whole.of(Verdict.WAIVED), (), "1 waived failure"),
        (fails[:2], whole.gaps[:1], "2 failures, 1 gap"),
        (unknown[:1], whole.gaps[:2], "1 unknown verdict, 2 gaps"),
    ):
        found = replace(report, findings=(*report.findings, *findings), gaps=tuple(gaps))
        assert comment(found).split("\n")[2] == f"## policyscan: nothing blocks; left: {left}"


def test_what_is_left_from_before_is_told_apart() -> None:
    report, whole = clear(), compared_report()
    fails = [replace(one, blocking=False) for one in whole.of(Verdict.FAIL)]
    old = replace(fails[0], change=Change.UNCHANGED)
    worse = replace(fails[1], change=Change.WORSE)
    gap = replace(whole.gaps[1], change=Change.UNCHANGED)
    for findings, gaps, left in (
        ((old,), (), "left from before: 1 failure"),
        ((old, worse), (), "left: 1 failure; left from before: 1 failure"),
        ((worse,), (gap,), "left: 1 failure; left from before: 1 gap"),
    ):
        found = replace(report, findings=(*report.findings, *findings), gaps=gaps)
        assert comment(found).split("\n")[2] == f"## policyscan: nothing blocks; {left}"


def test_what_was_not_known_before_either_is_folded() -> None:
    whole = compared_report()
    [first, *_] = whole.of(Verdict.UNKNOWN)
    old = replace(first, change=Change.UNCHANGED, blocking=False, needs=("an old answer",))
    new = replace(first, change=Change.NEWLY_UNKNOWN, blocking=False, needs=("a new answer",))
    text = comment(replace(whole, findings=(old, new)))
    assert "### 1 verdict not known\n\n- 1 verdict (1 newly), decided by a new answer" in text
    folded = "<summary>1 verdict that was not known before either</summary>\n\n- 1 verdict, decided"
    assert f"{folded} by an old answer" in text
    blocks = comment(replace(whole, findings=(replace(old, blocking=True), new)))
    assert "### 2 verdicts not known" in blocks and "before either" not in blocks


def test_code_in_what_would_decide_a_verdict_is_code() -> None:
    [first, *_] = sample_report().of(Verdict.UNKNOWN)
    asked = replace(first, needs=("an entry in keys.yaml, which `policyscan init` begins",))
    told = "decided by an entry in keys.yaml, which `policyscan init` begins: "
    assert told in page(replace(sample_report(), findings=(asked,)))


def test_green_is_not_all_there_is_to_say() -> None:
    report = clear()
    unseen = replace(report, summary=replace(report.summary, complete=False))
    assert "Not everything that was asked for was seen" in comment(unseen)
    stopped = replace(report, run=replace(report.run, interrupted=True))
    assert "**Red because** the run was interrupted" in comment(stopped)


@pytest.mark.parametrize("number", [1, 3_000])
def test_no_page_is_too_large_and_what_is_left_out_is_counted(number: int) -> None:
    report = large_report(number)
    long = replace(report.findings[0], message="é" * 100_000, title="x y " * 100_000)
    report = replace(report, findings=(long, *report.findings[1:]))
    for data, limit in (
        (MarkdownReporter().render(report), MOST_BYTES),
        (CommentReporter().render(report), MOST_OF_COMMENT),
    ):
        assert len(data) <= limit
        text = data.decode()
        shown = sum(one.fingerprint in text for one in report.findings)
        more = sum(
            int(each.replace(",", ""))
            for each in re.findall(r"\*([\d,]+) more in the report", text)
        )
        gaps = len(report.gaps)
        assert shown + more >= len(report.of(Verdict.FAIL))
        assert f"{gaps} gaps: asked for and not seen" in text


def test_many_gaps_leave_room_for_the_rest() -> None:
    [gap, *_] = sample_report().gaps
    gaps = tuple(_again(gap, number) for number in range(20_000))
    report = replace(sample_report(), gaps=gaps, summary=summary_of((), gaps))
    data = MarkdownReporter().render(report)
    assert len(data) <= MOST_BYTES
    assert "19,000 more in the report" in data.decode()
    assert read_markdown(data).text.rstrip().endswith("main")


def _again(gap: GapRecord, number: int) -> GapRecord:
    return replace(gap, subject=f"{number}", fingerprint=str(number))


def test_what_does_not_fit_is_cut_by_whole_items() -> None:
    sections = [Section("head", ["a" * 100, "b" * 100]), Section("last")]
    text = fitted(sections, 260).decode()
    assert text == f"head\n\n{'a' * 100}\n\n*1 more in the report.*\n\nlast\n"
    assert fitted(sections, 2_000).decode() == f"head\n\n{'a' * 100}\n\n{'b' * 100}\n\nlast\n"
