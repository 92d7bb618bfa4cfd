"""Hostile expressions, made at random of what breaks parsers, evaluators and sandboxes."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from tests.campaigns.grammar import Generator, judging
from tests.hostile_strings import EVERY

RESERVED = """
as break const continue else false for function if import in let loop namespace null package return
true var void while
""".split()
ATTRIBUTES = """
__class__ __dict__ __init__ __globals__ __builtins__ __subclasses__ __mro__ __bases__
__getattribute__ __reduce__ __call__ __code__ __module__ __doc__ __annotations__
__pydantic_fields__ __fields__ model_fields model_config model_copy model_dump model_construct
copy dict json construct validate format format_map encode join zfill translate mro keys items
values get pop update count index append real imag bit_length as_integer_ratio hex year tzinfo
resolution kind HIDDEN origin chains conditional identity scope names func_globals gi_frame
f_back tb_frame
""".split()
TOKENS = (
    *("resource", "params", "context", "now", "x", "v0", "a", "xs", "s", "opt", "doors", "many"),
    *("all", "exists", "exists_one", "filter", "map", "has", "size", "optional", "of", "matches"),
    *("resources", "duration", "timestamp", "int", "string", "orValue", "has_distinct", "days"),
    *("(", ")", "[", "]", "{", "}", ".", ".?", "[?", ",", ":", "?", "!", "-", "+", "*", "/", "%"),
    *("&&", "||", "==", "!=", "<", "<=", ">", ">=", "in", "=", "&", "|", "=>", ";", "@", "#", "$"),
    *("0", "1", "0x", "1u", "1e5", "1e999", "9223372036854775808", "1.", ".5", "''", '"', "'''"),
    *('"x"', "r'\\", "b'x'", "'\\ud800'", "'\\U00110000'", "'\\q'", "`a`", "//", "/*", "\n", "\t"),
    *("\0", "\ud800", "\u202e", "\ufeff", "é", "𝒳", "日", "１", "_", "__", "{}", "f'{1}'", "%s"),
    *RESERVED,
)
Maker = Callable[[Random], str]


def _soup(random: Random) -> str:
    joint = random.choice(("", " ", " "))
    return joint.join(random.choice(TOKENS) for _ in range(random.randint(1, 60)))


def _bytes(random: Random) -> str:
    data = random.randbytes(random.randint(1, 200))
    encodings = (("latin-1", "strict"), ("utf-8", "surrogateescape"), ("utf-16", "replace"))
    return data.decode(*random.choice(encodings))


def _twisted(random: Random) -> str:
    """A sound condition with one word or operator in the place of another."""
    text = Generator(judging(), random).expression("bool", random.randint(1, 3)).text
    words = re.findall(r'"[^"]*"|\w+|[&|=!<>]{1,2}|\s+|.', text)
    for _ in range(random.randint(1, 2)):
        at = random.randrange(len(words))
        kin = [word for word in words if word[0].isalnum() is words[at][0].isalnum()]
        words[at] = random.choice((random.choice(kin), random.choice(kin), random.choice(TOKENS)))
    return "".join(words)


def _mutated(random: Random) -> str:
    """A sound condition with a few things moved, lost or put in."""
    text = Generator(judging(), random).expression("bool", random.randint(1, 4)).text
    for _ in range(random.randint(1, 5)):
        at = random.randint(0, len(text))
        to = min(len(text), at + random.randint(1, 12))
        text = random.choice(
            (
                text[:at] + text[to:],
                text[:at] + random.choice(TOKENS) + text[at:],
                text[:at] + random.choice(TOKENS) + text[to:],
                text[:at] + text[at:to] * 3 + text[to:],
                text[at:] + text[:at],
                text[:at] + text[at:to][::-1] + text[to:],
            )
        )
    return text


_NESTS = (
    ("(", "true", ")"),
    ("[", "1", "]"),
    ("{'a': ", "1", "}"),
    ("!(", "resource.a", ")"),
    ("-(", "1", ")"),
    ("size(", "'x'", ")"),
    ("string(", "1", ")"),
    ("true ? ", "true", " : false"),
    ("false ? 1 : ", "1", ""),
    ("[1].all(x, ", "true", ")"),
    ("optional.of(", "1", ").value()"),
    ("resource.doors.exists(d, ", "resource.a", ")"),
    ("(resource.a && ", "resource.b", ")"),
    ("(resource.a || !(", "resource.b", "))"),
    ("has(", "resource.a", ")"),
    ("!", "resource.a", ""),
    ("-", "1", ""),
    ("1 + ", "1", ""),
    ("1 < ", "1", ""),
    ("'a' + ", "'a'", ""),
    ("", "resource.front", ".front"),
    ("", "resource.xs", "[0]"),
    ("", "resource.limits", ".?a"),
    ("", "[1]", ".map(x, x)"),
    ("", "[1]", ".filter(x, true)"),
    ("", "'a'", ".lowerAscii()"),
    ("", "true", " && resource.a"),
    ("", "false", " || resource.b"),
    ("", "1", " * 1"),
    ("", "1", " == 1"),
)


def _nested(random: Random) -> str:
    start, middle, end = random.choice(_NESTS)
    deep = random.choice((3, 20, 40, 60, 63, 64, 65, 79, 100, 300, 1_000))
    text = start * deep + middle + end * deep
    return text if random.random() < 0.5 else f"({text}) == ({text})"


_BODIES = ("{0} + {1} > 0", "{0} == {1}", "{0} in [{1}]", "[{0}, {1}] == [{1}]", "{0} < {1}")


def _loops(random: Random) -> str:
    """Macros inside of macros, over lists of a thousand."""
    deep = random.randint(1, 8)
    names = [f"v{number}" for number in range(deep)]
    text = random.choice(_BODIES).format(random.choice(names), random.choice(names))
    for name in reversed(names):
        macro = random.choice(("all", "all", "exists", "exists_one", "filter", "map"))
        listed = random.choice(("params.many", "params.many", "params.many.map(w, w * 1)"))
        text = f"{listed}.{macro}({name}, {text})"
        if macro in ("filter", "map"):
            text = f"size({text}) >= 0"
    return text


def _growing(random: Random) -> str:
    """Values that double with each step."""
    step = random.choice(
        (
            (".map(x, x + x)", "['xxxxxxxxxxxxxxxx']", "x == ''"),
            (".map(x, x + x)", "[params.many]", "size(x) > 0"),
            (".map(x, [x, x])", "[1]", "true"),
            (".map(x, {'a': x, 'b': x})", "[1]", "true"),
            (".map(x, x + x)", "[[1]]", "x == []"),
            (".map(x, [x, x] == [x, x])", "[params.many]", "x == true"),
            (".map(x, x * x)", "[3]", "x > 0"),
            (".map(x, string(x) + string(x))", "['1']", "x != ''"),
            (".map(x, x.map(y, x))", "[[1, 2]]", "true"),
            (".map(x, params.many)", "params.many", "x == params.many"),
            (".filter(x, params.texts.all(t, t != 'q'))", "params.many", "x > 0"),
        )
    )
    source = step[1] + step[0] * random.choice((1, 2, 5, 10, 20, 40, 60))
    return random.choice(
        (f"{source}.all(x, {step[2]})", f"size({source}) == 1", f"{source} == {source}")
    )


def _sums(random: Random) -> str:
    long = random.choice((1_000, 4_000, 9_000))
    return random.choice(
        (
            "+".join(["1"] * random.choice((30, 79, 81, 3_000))) + " == 1",
            " || ".join(["resource.b"] * random.choice((30, 500, 900))),
            " && ".join(["resource.a"] * random.choice((30, 500, 900))),
            "resource.a ? " * random.choice((5, 50, 500)) + "true" + " : false" * 50,
            "[" + ", ".join(["1"] * random.choice((10, 1_000, 2_500))) + "] == [1]",
            "{"
            + ", ".join(f"'{n}': {n}" for n in range(random.choice((10, 400, 900))))
            + "} == {}",
            "'" + "x" * long + "' == 'x'",
            "'" + "\\u00e9" * (long // 6) + "' == 'x'",
            "9" * long + " > 0",
            "0x" + "f" * random.choice((15, 16, 17, long)) + " > 0",
            "1." + "9" * long + " > 0.0",
            "1e" + "9" * long + " > 0.0",
            "a" * long + " == 1",
            "resource." + "a" * long,
            "//" + "x" * long,
            " " * long + "true",
            "duration('" + "1h" * (long // 2) + "') > duration('0s')",
            "duration('" + "9" * long + "s') > duration('0s')",
            "timestamp('" + "9" * long + "Z') > now",
            "int(params.texts[0] + '" + "9" * long + "') > 0",
            "double('" + "9" * long + "' + params.texts[0]) > 0.0",
        )
    )


def _escape(random: Random) -> str:
    """A way to something of Python."""
    name = random.choice(ATTRIBUTES)
    return random.choice(
        (
            "resource.{0}",
            "resource.{0}()",
            "has(resource.{0})",
            "resource.doors[0].{0}",
            "resource.doors.all(d, has(d.{0}))",
            "resource.doors.map(d, d.{0})",
            "resource.limits.{0}",
            "resource.limits.?{0}.hasValue()",
            "resource.limits['{0}']",
            "has(resource.limits.{0})",
            "resource.?{0}",
            "resource[?'{0}']",
            "resource['{0}']",
            "params.{0}",
            "params['{0}']",
            "context.{0}",
            "has(context.{0})",
            "now.{0}",
            "now.{0}()",
            "'x'.{0}()",
            "'{{0.{0}}}'.format(resource)",
            "'x'.{0}('y')",
            "(1).{0}",
            "[].{0}()",
            "[1].{0}",
            "{{'{0}': 1}}.{0} == 1",
            "{{'a': 1}}.{0} == 1",
            "{{'a': resource}}.a.{0}",
            "{0}",
            "{0}()",
            "{0}(resource)",
            "resources('{0}')",
            "resources('House').all(h, h.{0} == 1)",
            "optional.of(resource).?{0}",
            "optional.{0}(1)",
            "resource.{0}.{0}",
            "resource.s.{0}",
            "duration('1h').{0}",
            "__import__('os').{0}",
            "f'{{resource.{0}}}'",
            "resource.`{0}`",
            "[1].map({0}, {0})",
            "[1].map(__x, __x.{0})",
        )
    ).format(name)


def _strings(random: Random) -> str:
    """Hostile text in and around a condition."""
    text = random.choice(EVERY)
    return random.choice(
        (
            f'resource.s == "{text}"',
            f"resource.s == r'{text}'",
            f"'''{text}''' == resource.s",
            f"resource.{text}",
            f"resource.a && {text}",
            text,
            f"has(resource.limits.{text})",
            f"{{'{text}': 1}}.x == 1",
            f"duration('{text}') > duration('1s')",
            f"timestamp('{text}') > now",
            f"resources('{text}').all(x, true)",
            f"resource.s in ['{text}', \"{text}\"]",
        )
    )


def _words(random: Random) -> str:
    word = random.choice(RESERVED)
    return random.choice(
        (
            "{0}",
            "resource.{0}",
            "{0} == 1",
            "[1].all({0}, true)",
            "{0}(1)",
            "has(resource.{0})",
            "{{'{0}': 1}}.{0} == 1",
            "resource.limits.?{0}",
            "!{0}",
            "1 {0} 2",
            "a.{0}(x, true)",
        )
    ).format(word)


PATTERNS = (
    *(r"(a+)+$", r"(a|a)*b", r"([a-z]+)*@", r"(a|aa)+$", r"(a|a?)+$", r"(.*)*x", r"(.*a){20}"),
    *(r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(\w+\s?)+!$", r"(x+x+)+y", r"(a*)*b", r"((a*)*)*b"),
    *(
        r"^(\d+)+$",
        r"([a-zA-Z]+)*$",
        r"(a?){60}a{60}",
        r"^(.*?,){11}P",
        r"(.+)+\1?b",
        r"(?i)(A+)+b",
    ),
    *(r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}$", r"(?s)(.|\n)*z"),
    *(
        r"\s+$",
        r"(a{0,100}){0,100}b",
        r"(((a{1,30}){1,30}){1,30})",
        r"(a|b|ab)*c",
        r"(?:a(?:b)*)*$",
    ),
)
"""Regular expressions over which engines that try one way after the other take for ever."""
_PIECES = (
    *("a", "b", ".", "\\d", "\\pL", "[a-z]", "[^a]", "(", ")", "(?:", "(?=", "(?<!", "(?P<n>", "|"),
    *("*", "+", "?", "{2,}", "{1,1000}", "{100}", "+?", "^", "$", "\\b", "\\1", "[[:alpha:]]", "é"),
)


def _patterns(random: Random) -> str:
    """A regular expression on long texts."""
    pattern = random.choice(PATTERNS)
    if random.random() < 0.5:
        pattern = "".join(random.choice(_PIECES) for _ in range(random.randint(1, 12)))
    spelt = pattern.replace("\\", "\\\\").replace('"', "")
    return random.choice(
        ('params.long.exists(t, t.matches("{0}"))', 'matches(params.long[0], "{0}")')
    ).replace("{0}", spelt)


MAKERS: dict[str, tuple[float, Maker]] = {
    "token soup": (20, _soup),
    "byte soup": (10, _bytes),
    "mutated conditions": (14, _mutated),
    "twisted conditions": (14, _twisted),
    "nesting and chains": (8, _nested),
    "loops in loops": (0.4, _loops),
    "values that double": (0.6, _growing),
    "long literals": (7, _sums),
    "ways out": (12, _escape),
    "hostile strings": (9, _strings),
    "regular expressions": (2, _patterns),
    "reserved words": (3, _words),
}
"""How often each is made, of a hundred."""


def hostile_text(random: Random) -> tuple[str, str]:
    """A hostile expression, and what it is of."""
    family = random.choices(tuple(MAKERS), [often for often, _ in MAKERS.values()])[0]
    return family, MAKERS[family][1](random)
