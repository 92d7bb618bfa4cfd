"""How a verdict was decided, as nested lists. Every text is escaped here, once: a page of many
findings has too many of these for a template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

from policyscan.findings.derivation import Derivation, is_case
from policyscan.text.display import visible

_WORDS = frozenset({"true", "false", "unknown"})


def derivation_list(roots: Sequence[Derivation]) -> Markup:
    """The tree as one list; what leads to the verdict is strong."""
    return Markup("".join(_pieces(roots)))  # noqa: S704 - of texts that are escaped


def _pieces(roots: Sequence[Derivation]) -> Iterator[str]:
    yield '<ul class="tree">'
    pending: list[Derivation | str] = ["</ul>", *reversed(roots)]
    while pending:
        one = pending.pop()
        if isinstance(one, str):
            yield one
            continue
        yield _head(one)
        pending.append("</li>")
        if one.parts or one.rest:
            yield "<ul>"
            rest = f'<li class="more">{_text(one.rest)}</li>' if one.rest else ""
            pending += [f"{rest}</ul>", *reversed(one.parts)]


def _head(one: Derivation) -> str:
    """A sub-expression: yes or no before it, any other value behind it."""
    word = one.value if one.value in _WORDS else ""
    value = "" if word or not one.value else f" = <b>{_text(one.value)}</b>"
    label = f'<span class="kind">{_text(one.label)}:</span> ' if one.label else ""
    note = f' <span class="note">{_text(one.note)}</span>' if one.note else ""
    needs = "".join(f' <span class="note">needs {_text(need)}</span>' for need in one.needs)
    if not one.value:
        note += ' <span class="note">not needed</span>'
    opening = '<li class="on">' if one.decides else "<li>"
    told = f'<span class="word">{word}</span> ' if word else ""
    if word and one.decides:
        told = f"<strong>{word}</strong> "
    if is_case(one):
        return f'{opening}{told}<span class="kind">{_text(one.label)}</span>{note}{needs}'
    return f"{opening}{told}{label}<code>{_text(one.expression)}{value}</code>{note}{needs}"


def _text(text: str) -> str:
    return str(escape(visible(text)))
