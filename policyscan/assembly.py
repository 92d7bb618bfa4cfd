"""From what was collected and judged to the report."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shlex
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import distribution
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyscan import __version__, books
from policyscan.collectors.interface import Answer
from policyscan.data import package_digest
from policyscan.evaluate import Evaluation
from policyscan.findings.controls import Controls
from policyscan.findings.criteria import load_criteria
from policyscan.findings.difference import Before, Known
from policyscan.findings.frameworks import controls_of, criteria_of, with_controls
from policyscan.findings.hiding import shown_address
from policyscan.findings.model import Finding, Plane, Verdict
from policyscan.findings.report import (
    Document,
    PolicyRecord,
    Report,
    RunRecord,
    ToolRecord,
)
from policyscan.gate import Gate, settle
from policyscan.gate.waivers import Accepted, counted
from policyscan.policy import Catalogue, Policy, PolicyStub
from policyscan.request import Run, ScanRequest
from policyscan.resources.base import Resource
from policyscan.resources.masking import mask
from policyscan.text import git
from policyscan.text.display import path_text
from policyscan.text.tree import Tree

if TYPE_CHECKING:
    from policyscan.drift import Told

_LIBRARIES = ("msgspec", "pydantic", "PyYAML", "tree-sitter", "tree-sitter-hcl")


def assemble(
    request: ScanRequest,
    run: Run,
    tree: Tree,
    catalogue: Catalogue,
    controls: Controls,
    evaluation: Evaluation,
    before: Before | None,
    trusted: Before | None,
    started: datetime,
    ended: datetime,
) -> Report:
    """The report of a run, compared with what was `before`; `trusted` is the side on which
    waivers in comments have to be present."""
    entries = books.ledger(request, run, evaluation, tree)
    accepted = Accepted(
        trusted,
        request.trusts_tree,
        request.waivers,
        request.configuration.waivers,
        frozenset(item.id for item in catalogue.everything),
        tree,
    )
    settled = settle(
        Gate(request.profile, before, accepted, started),
        findings_of(evaluation),
        books.gap_records(request, run, evaluation, entries, tree),
        _resources(evaluation),
    )
    findings, gaps = settled.findings, settled.gaps
    told = _told(run, evaluation, findings)
    policies = with_controls(_policy_records(request, run, catalogue, findings), controls.rules)
    serving = controls_of(controls.rules, policies, gaps)
    criteria = load_criteria(request.configuration.soc2_categories)
    return Report(
        tool=_tool(),
        run=_run_record(request, run, tree, catalogue, controls, started, ended),
        profile=request.profile.record(),
        summary=replace(
            books.summary(request, findings, gaps, run), waivers=counted(settled.waivers)
        ),
        findings=findings,
        gaps=gaps,
        ledger=entries,
        coverage=books.coverage(request, run, tree),
        documents=tuple(
            Document(path_text(source.path), source.sha256, len(source.data))
            for source in sorted(tree.sources(), key=lambda source: source.path)
        )
        + tuple(_answered(part.target, each) for part in run.collected for each in part.answers),
        policies=policies,
        controls=serving,
        criteria=criteria_of(criteria, controls.rules, serving, policies),
        waivers=settled.waivers,
        scope_questions=evaluation.questions.asked(),
        drift=told.drift if told is not None else (),
        drift_doubts=told.doubts if told is not None else (),
        unpaired=told.unpaired if told is not None else (),
        difference=settled.difference,
    )


def known_of(evaluation: Evaluation, tree: Tree) -> tuple[Known, ...]:
    """The pairs of an evaluation, with the waivers in the comments of what was read."""
    from policyscan.gate.waivers.comments import comments_of
    from policyscan.gate.waivers.inline import known  # late: most runs compare nothing

    return known(findings_of(evaluation), comments_of(tree.sources()), _resources(evaluation))


def _resources(evaluation: Evaluation) -> dict[tuple[str, str, str], Resource]:
    """The resources by kind, unit and address as findings show it."""
    return {
        (one.kind, one.origin.unit, shown_address(one.address)): one
        for one in evaluation.inventory.resources
    }


def findings_of(evaluation: Evaluation) -> tuple[Finding, ...]:
    """The findings of an evaluation in the order of reports."""
    return tuple(sorted(evaluation.findings, key=_order))


def _told(run: Run, evaluation: Evaluation, findings: tuple[Finding, ...]) -> Told | None:
    """Declared against real; nothing unless both files and something live were looked at."""
    if {bool(part.target) for part in run.collected} != {True, False}:
        return None
    from policyscan.drift import drift_of  # late: most runs read files alone

    return drift_of(run, evaluation.inventory.resources, findings)


def _answered(target: str, answer: Answer) -> Document:
    """An answer of a live source as a document: what the resources were made from, in canonical
    JSON."""
    data = json.dumps(answer.data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    parts = (target, answer.unit, answer.subject, answer.about, f"page {answer.page}")
    encoded = data.encode("utf-8", "surrogatepass")
    path = " ".join(part for part in parts if part)
    return Document(path_text(mask(path)), hashlib.sha256(encoded).hexdigest(), len(encoded))


def _order(finding: Finding) -> tuple[str, str, str]:
    return finding.policy_id, finding.resource.unit, finding.resource.address


# -- policies ----------------------------------------------------------------------------------


def _policy_records(
    request: ScanRequest, run: Run, catalogue: Catalogue, findings: tuple[Finding, ...]
) -> Iterator[PolicyRecord]:
    counts: dict[str, dict[Verdict, int]] = {}
    for finding in findings:
        table = counts.setdefault(finding.policy_id, dict.fromkeys(Verdict, 0))
        table[finding.verdict] += 1
    none = dict.fromkeys(Verdict, 0)
    for item in catalogue.everything:
        table = counts.get(item.id, none)
        idle = _idle(request, run, item, table)
        if isinstance(item, Policy):
            given = request.configuration.parameters.get(item.id, {})
            yield _policy_record(item, item.parameters(given), table, idle)
        else:
            yield _stub_record(item, table, idle)


def _policy_record(
    policy: Policy, parameters: Mapping[str, object], counts: dict[Verdict, int], idle: str
) -> PolicyRecord:
    return PolicyRecord(
        id=policy.id,
        slug=policy.slug,
        version=policy.version,
        title=policy.title,
        severity=policy.severity,
        plane=policy.plane,
        kind=", ".join(policy.kinds),
        path=policy.path,
        sha256=policy.sha256,
        why=policy.why,
        fix=policy.fix,
        control=policy.control,
        criteria=policy.criteria,
        guide=policy.guide,
        parameters={name: _listed(value) for name, value in parameters.items()},
        changed=tuple(one.name for one in policy.params if parameters[one.name] != one.default),
        when=policy.when,
        require=policy.require,
        counts=counts,
        idle=idle,
    )


def _listed(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _listed(member) for name, member in value.items()}
    return [_listed(item) for item in value] if isinstance(value, (list, tuple)) else value


def _stub_record(stub: PolicyStub, counts: dict[Verdict, int], idle: str) -> PolicyRecord:
    return PolicyRecord(
        id=stub.id,
        slug=stub.slug,
        version=stub.version,
        title=stub.title,
        severity=stub.severity,
        plane=stub.plane,
        kind=", ".join(stub.kinds),
        path=stub.path,
        sha256=stub.sha256,
        control=stub.control,
        criteria=stub.criteria,
        counts=counts,
        idle=idle,
    )


def _idle(
    request: ScanRequest, run: Run, item: Policy | PolicyStub, counts: dict[Verdict, int]
) -> str:
    """Why a policy judged nothing; empty if it judged something."""
    total = sum(counts.values())
    if total > counts[Verdict.NOT_APPLICABLE]:
        return ""
    if not request.selects(item.id):
        return "not selected"
    kinds = " or ".join(item.kinds)
    if "GateFile" in item.kinds and "GateFile" not in run.kinds:
        return "nothing to compare with: it needs --trust, or else --base"
    if run.kinds.isdisjoint(item.kinds):
        return f"nothing here can hold {kinds}"
    if not total:
        return f"found no {kinds}"
    if item.plane is Plane.ACCOUNT:
        return "judged by audit, or in roots declared under terraform.baselines"
    return f"not applicable to any {kinds}"


# -- run ---------------------------------------------------------------------------------------


def _run_record(
    request: ScanRequest,
    run: Run,
    tree: Tree,
    catalogue: Catalogue,
    controls: Controls,
    started: datetime,
    ended: datetime,
) -> RunRecord:
    commit, dirty, prefix = _commit(request, tree)
    start = started.astimezone(UTC)
    configuration = request.configuration
    digest = _policies_digest(catalogue)
    identity = f"{start.isoformat()} {request.target} {commit} {digest}"
    return RunRecord(
        id=f"{start:%Y%m%dT%H%M%SZ}-{hashlib.sha256(os.fsencode(identity)).hexdigest()[:8]}",
        trigger=request.trigger,
        actor=request.actor,
        started=_rfc3339(started),
        ended=_rfc3339(ended),
        arguments=request.arguments,
        command=f"policyscan {shlex.join(request.arguments)}".strip(),
        commit=commit,
        dirty=dirty,
        prefix=path_text(prefix),
        repository=request.repository,
        project=configuration.project,
        base=request.base,
        trust=request.trust,
        trust_commit=request.trust_commit,
        in_force=request.in_force,
        policies_digest=digest,
        configuration=configuration.path or "none",
        configuration_digest=configuration.digest,
        waivers=request.waivers.path if request.waivers is not None else "none",
        baseline_digest=request.baseline.sha256 if request.baseline is not None else "",
        waivers_digest=request.waivers.sha256 if request.waivers is not None else "",
        controls=controls.path,
        controls_digest=controls.digest,
        interrupted=run.interrupted,
    )


def _policies_digest(catalogue: Catalogue) -> str:
    """SHA-256 over the ids and digests of all policies, loaded or not."""
    items = [(item.id, item.sha256) for item in catalogue.everything]
    return hashlib.sha256("".join(f"{name} {sha}\n" for name, sha in items).encode()).hexdigest()


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _commit(request: ScanRequest, tree: Tree) -> tuple[str, bool | None, str]:
    """The commit, whether a document that was read differs from it, and where the scanned
    directory lies in the repository."""
    if request.path is None:
        return "", None, ""
    if request.ref:
        commit = git.resolve_commit(request.path, request.ref)
        return commit, False, git.prefix_of(request.path)
    found = git.checkout_of(request.path)
    if found is None:
        return "", None, ""
    differs = any(
        found.blobs.get(source.path) != git.blob_sha1(source.data) for source in tree.sources()
    )
    return found.commit, differs, found.prefix


def _tool() -> ToolRecord:
    return ToolRecord(
        name="policyscan",
        version=__version__,
        digest=package_digest(),
        python=platform.python_version(),
        libraries={name: _version(name) for name in _LIBRARIES},
    )


def _version(library: str) -> str:
    """The installed version, by the first such line of its metadata: to parse the whole of it,
    manual included, takes longer than to judge a file."""
    metadata = distribution(library).read_text("METADATA") or ""
    lines = metadata.split("\n\n", 1)[0].splitlines()
    return next((line[9:] for line in lines if line.startswith("Version: ")), "unknown")
