"""The productions of the language, one a row; see `grammar.py` for how a row is read."""

from __future__ import annotations

from collections.abc import Mapping

from tests.campaigns.estate import VARIABLES

SCALARS = ("bool", "int", "double", "string", "timestamp", "duration")
ORDERED = ("int", "double", "string", "timestamp", "duration")
LISTED = (*SCALARS, "list(int)")
LISTS = tuple(f"list({kind})" for kind in LISTED)
MAPS = tuple(f"map(string, {kind})" for kind in LISTED)
LETTERS: Mapping[str, tuple[str, ...]] = {
    "A": (*SCALARS, *LISTS, *MAPS),
    "O": ORDERED,
    "T": LISTED,
    "U": ("bool", "int", "double", "string", "duration"),
}
"""What each capital letter may be: anything, what has an order, what lists hold, what maps make."""

LOGIC = """
bool ::= true
bool ::= false
bool ::= !<bool>
bool ::= (<bool> && <bool>)
bool ::= (<bool> || <bool>)
bool ::= (<bool> && <bool> && <bool>)
bool ::= (<bool> || <bool> && <bool>)
bool ::= (<A> == <A>)
bool ::= (<A> != <A>)
bool ::= (<O> < <O>)
bool ::= (<O> <= <O>)
bool ::= (<O> > <O>)
bool ::= (<O> >= <O>)
bool ::= (~(<int>) < <double>)
bool ::= (<double> >= ~(<int>))
bool ::= (~(<int>) == <double>)
bool ::= (<T> in <list(T)>)
bool ::= (<T> in [<T>, <T>])
bool ::= (<string> in <map(string, T)>)
A ::= (<bool> ? <A> : <A>)
"""
NUMBERS = """
int ::= 0
int ::= 1
int ::= -1
int ::= 2
int ::= 0x10
int ::= 9223372036854775807
int ::= -9223372036854775808
int ::= -(<int>)
int ::= (<int> + <int>)
int ::= (<int> - <int>)
int ::= (<int> * <int>)
int ::= (<int> / <int>)
int ::= (<int> % <int>)
double ::= 0.0
double ::= -0.0
double ::= 1.0
double ::= .5
double ::= 1e308
double ::= (0.0 / 0.0)
double ::= -(<double>)
double ::= (<double> + <double>)
double ::= (<double> - <double>)
double ::= (<double> * <double>)
double ::= (<double> / <double>)
"""
STRINGS = r'''
string ::= ""
string ::= "a"
string ::= 'b"'
string ::= "\u00e9\x41\101\n"
string ::= r"\d"
string ::= """q"q"""
string ::= "日本"
string ::= (<string> + <string>)
string ::= <string>.lowerAscii()
bool ::= <string>.startsWith(<string>)
bool ::= <string>.endsWith(<string>)
bool ::= <string>.contains(<string>)
int ::= size(<string>)
int ::= <string>.size()
'''
TEXTS = r"""
string ::= <string>.upperAscii()
string ::= <string>.charAt(<int>)
int ::= <string>.indexOf(<string>)
int ::= <string>.indexOf(<string>, <int>)
int ::= <string>.lastIndexOf(<string>)
int ::= <string>.lastIndexOf(<string>, <int>)
string ::= <string>.substring(<int>)
string ::= <string>.substring(<int>, <int>)
string ::= <string>.replace(<string>, <string>)
string ::= <string>.replace(<string>, <string>, <int>)
list(string) ::= <string>.split(<string>)
list(string) ::= <string>.split(<string>, <int>)
string ::= <list(string)>.join()
string ::= <list(string)>.join(<string>)
string ::= <string>.trim()
string ::= <string>.reverse()
bool ::= <string>.matches("^[a-z.]+$")
bool ::= matches(<string>, r"\d+(h|m)?")
bool ::= <string>.matches("(?i)^A?.$")
bool ::= <string>.matches(r"\p{Han}|\.")
"""
TIMES = """
timestamp ::= timestamp("2024-02-29T12:00:00.25Z")
timestamp ::= timestamp("2026-01-31T23:59:59+02:00")
timestamp ::= (<timestamp> + <duration>)
timestamp ::= (<duration> + <timestamp>)
timestamp ::= (<timestamp> - <duration>)
duration ::= duration("0s")
duration ::= duration("1h30m")
duration ::= duration("-1.5s")
duration ::= duration("8760h")
duration ::= duration("250ms")
duration ::= (<timestamp> - <timestamp>)
duration ::= (<duration> + <duration>)
duration ::= (<duration> - <duration>)
duration ::= duration((<string> + "h"))
duration ::= duration((<string> + ""))
timestamp ::= timestamp((<string> + ""))
"""
CALENDAR = """
int ::= <timestamp>.getFullYear()
int ::= <timestamp>.getMonth()
int ::= <timestamp>.getDate()
int ::= <timestamp>.getDayOfMonth()
int ::= <timestamp>.getDayOfWeek()
int ::= <timestamp>.getDayOfYear()
int ::= <timestamp>.getHours()
int ::= <timestamp>.getMinutes()
int ::= <timestamp>.getSeconds()
int ::= <timestamp>.getMilliseconds()
int ::= <timestamp>.getHours("Europe/Berlin")
int ::= <timestamp>.getDayOfYear("+02:00")
int ::= <timestamp>.getDate("-11:30")
int ::= <timestamp>.getMinutes("Asia/Kathmandu")
int ::= <duration>.getHours()
int ::= <duration>.getMinutes()
int ::= <duration>.getSeconds()
int ::= <duration>.getMilliseconds()
"""
COLLECTIONS = """
list(T) ::= [<T>]
list(T) ::= [<T>, <T>]
list(T) ::= (<list(T)> + <list(T)>)
list(T) ::= (<list(T)> + [])
bool ::= (<list(T)> == [])
T ::= <list(T)>[<int>]
T ::= (size(<list(T)>) > 0 ? <0>[0] : <T>)
T ::= (size(<list(T)>) > 1 ? <0>[size(<0>) - 1] : <T>)
int ::= size(<list(T)>)
int ::= <list(T)>.size()
map(string, T) ::= {<string>: <T>}
map(string, T) ::= {"a": <T>, "k": <T>}
T ::= <map(string, T)>[<string>]
T ::= <map(string, T)>["a"]
T ::= {"a": <T>, "b": <T>}.b
T ::= <map(string, T)>.k
bool ::= has(<map(string, T)>.k)
T ::= (has(<map(string, T)>.a) ? <0>.a : <T>)
int ::= size(<map(string, T)>)
"""
CONVERSIONS = """
int ::= int(<double>)
int ::= int((<string> + ""))
int ::= int(string(<int>))
int ::= int(<timestamp>)
double ::= double(<int>)
double ::= double((<string> + ""))
double ::= (<double> == <0> ? double(string(<0>)) : .5)
string ::= string(<int>)
string ::= (<double> == <0> ? string(<0>) : "")
string ::= string(<bool>)
string ::= string(timestamp(int(<timestamp>)))
string ::= string(duration("1h30m"))
bool ::= bool((<string> + ""))
timestamp ::= timestamp((<int> + 0))
int ::= int(<int>)
double ::= double(<double>)
string ::= string(<string>)
bool ::= bool(<bool>)
"""
OPTIONALS = """
optional(T) ::= <map(string, T)>.?a
optional(T) ::= <map(string, T)>[?<string>]
optional(T) ::= <list(T)>[?<int>]
optional(T) ::= <list(T)>[?0]
optional(T) ::= optional.of(<T>)
optional(T) ::= optional.ofNonZeroValue(<T>)
optional(T) ::= <optional(T)>.or(<optional(T)>)
optional(int) ::= <map(string, list(int))>[?"k"][?1]
optional(string) ::= resource.?opt
optional(int) ::= resource.?count
optional(string) ::= <Door>.?label
T ::= <optional(T)>.orValue(<T>)
T ::= (<optional(T)>.hasValue() ? <0>.value() : <T>)
bool ::= <optional(T)>.hasValue()
bool ::= (<optional(T)> == <optional(T)>)
bool ::= (<optional(T)> != optional.none())
"""
MACROS = """
bool ::= <list(T)>.all(@T, <bool>)
bool ::= <list(T)>.exists(@T, <bool>)
bool ::= <list(T)>.exists_one(@T, <bool>)
bool ::= <map(string, T)>.all(@string, <bool>)
bool ::= <map(string, T)>.exists(@string, <bool>)
bool ::= <map(string, T)>.exists_one(@string, <bool>)
list(T) ::= <list(T)>.filter(@T, <bool>)
list(U) ::= <list(T)>.map(@T, <U>)
"""
FIELDS = """
bool ::= resource.a
bool ::= resource.b
int ::= resource.i
int ::= resource.j
double ::= resource.d
string ::= resource.s
string ::= resource.t
timestamp ::= resource.built
duration ::= resource.lasts
list(int) ::= resource.xs
list(string) ::= resource.words
map(string, int) ::= resource.limits
list(Door) ::= resource.doors
bool ::= has(resource.opt)
string ::= (has(resource.opt) ? resource.opt : <string>)
bool ::= (has(resource.opt) && resource.opt == <string>)
bool ::= (!has(resource.count) || resource.count < <int>)
int ::= (has(resource.front) ? resource.front.port : <int>)
bool ::= (has(resource.front) && resource.front.open)
bool ::= <list(Door)>.all(@Door, <bool>)
bool ::= <list(Door)>.exists(@Door, <bool>)
bool ::= <list(Door)>.exists_one(@Door, <bool>)
list(Door) ::= <list(Door)>.filter(@Door, <bool>)
list(U) ::= <list(Door)>.map(@Door, <U>)
int ::= size(<list(Door)>)
int ::= <Door>.port
bool ::= <Door>.open
list(string) ::= <Door>.labels
bool ::= has(<Door>.label)
string ::= (has(<Door>.label) ? <0>.label : <string>)
Door ::= resource.doors[0]
Door ::= <list(Door)>[<int>]
"""
POLICIES = """
bool ::= (resource.opt == null)
bool ::= (resource.count != null && resource.count > <int>)
bool ::= (resource.tier_of == "high")
bool ::= (resource.tier_of in ["low", "medium"])
bool ::= (resource.tier_of.startsWith(<string>))
bool ::= has(resource.limits.x)
bool ::= has_distinct(<list(string)>, 2)
int ::= params.n
list(string) ::= params.names
map(string, int) ::= params.limits
duration ::= (now - resource.built)
duration ::= days((<int> + 0))
optional(int) ::= <map(string, list(int))>.?a[0]
bool ::= isIP(<string>)
bool ::= isCIDR(<string>)
bool ::= ip((<string> + "")).isLoopback()
bool ::= cidr("10.0.0.0/8").containsIP((<string> + ""))
bool ::= cidr("10.0.0.0/8").containsCIDR((<string> + ""))
int ::= cidr((<string> + "")).prefixLength()
bool ::= covers(["10.0.0.0/8", "::/0"], (<string> + ""))
bool ::= overlaps((<string> + ""), "10.1.0.0/16")
bool ::= is_public((<string> + ""))
"""
"""What only conditions of policies have, or what CEL has not."""

_EVERYWHERE = (
    *(LOGIC, NUMBERS, STRINGS, TEXTS, TIMES, CALENDAR, COLLECTIONS, CONVERSIONS, OPTIONALS),
    *(MACROS, FIELDS),
)
_FREE = "\n".join(f"{kind} ::= {name}" for name, kind in VARIABLES.items())
COMMON = (*_EVERYWHERE, _FREE)
"""What policies and CEL share, over free variables and a resource."""
JUDGING = (*_EVERYWHERE, POLICIES)
"""What conditions of policies are made of."""
