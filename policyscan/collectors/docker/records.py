"""From what an engine answers to what is kept of it.

Only what is listed here is kept, and no value that may be secret: of the environment the names, of
labels the values of a few well-known names, of the history its lines in canonical form, of the logs
the driver. A value of another type than the engine documents is kept as `{"malformed": …}`, so that
it is unknown and not taken for one that is not set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from policyscan.collectors.docker.signs import Found, of_line, of_pair, of_text, once, plain_name
from policyscan.resources.instructions import canonical
from policyscan.resources.masking import mask
from policyscan.resources.secret_forms import holds_secret_form

MAX_TEXT = 4_000
"""Characters of a text that is kept; a longer one is malformed."""
MAX_MEMBERS = 5_000
"""Members of a list that are kept; a longer one is malformed."""
MAX_LABEL = 200
MALFORMED = "malformed"

_KEPT_LABELS = (
    (r"org\.opencontainers\.image\.base\.(?:name|digest)", r"[\w][\w./:@-]*"),
    (r"org\.opencontainers\.image\.source", r"(?:https?|ssh|git)://[\w.:-]+/[\w./~#%-]*"),
    (r"com\.docker\.compose\.(?:project|service)", r"[\w.-]{1,63}"),
    (r"policyscan[:.]\w+|(?i:role|purpose|environment|env|stage|tier)", r"[\w.-]{1,30}"),
)
"""The labels whose values are kept, and what those look like: they say what a thing was built from
and what it is for."""

_IMAGE = {"Id": str, "RepoTags": list, "RepoDigests": list}
_CONTAINER = {
    "Id": str,
    "Name": str,
    "Image": str,
    "Created": str,
    "State": {"Status": str, "Running": bool},
    "HostConfig": {
        "Privileged": bool,
        "CapAdd": list,
        "CapDrop": list,
        "SecurityOpt": list,
        "ReadonlyRootfs": bool,
        "NetworkMode": str,
        "PidMode": str,
        "IpcMode": str,
        "UsernsMode": str,
        "Memory": int,
        "PidsLimit": int,
        "Binds": list,
        "RestartPolicy": {"Name": str},
        "LogConfig": {"Type": str},
    },
}
_MOUNT = {"Type": str, "Name": str, "Source": str, "Destination": str, "RW": bool}


def version(data: Any, address: str) -> Any:
    """What an engine is, and where its socket is if that is on this machine."""
    kept = _picked(data, {"Version": str, "ApiVersion": str, "Os": str})
    if address.startswith("unix://"):
        kept["Socket"] = address.removeprefix("unix://")
    return kept


def info(data: Any) -> Any:
    """How an engine confines its containers."""
    return _picked(data, {"SecurityOptions": list, "OSType": str})


def images(data: Any) -> Any:
    """The list of images, by id: the engine has no order for those of one moment."""
    return _ordered(_listed(data, _IMAGE), "Id")


def containers(data: Any) -> Any:
    """The list of containers, by id."""
    return _ordered(_listed(data, {"Id": str, "Names": list}), "Id")


def volumes(data: Any) -> Any:
    """The volumes, and the directory of the host that one stands for if it is a bind mount."""
    listed = data.get("Volumes") if isinstance(data, dict) else data
    if not isinstance(listed, list):
        return [] if listed is None else _malformed(listed)
    kept = _listed(listed, {"Name": str, "Driver": str})
    for record, raw in zip(kept, listed, strict=False):
        options = raw.get("Options") if isinstance(raw, dict) else None
        device = options.get("device") if isinstance(options, dict) else None
        if isinstance(device, str) and device.startswith("/"):
            record["Device"] = device[:MAX_TEXT]
    return _ordered(kept, "Name")


def image(data: Any) -> Any:
    """One image."""
    config = {"User": str, "Healthcheck": {"Test": list}}
    kept = _picked(data, {**_IMAGE, "Created": str, "Os": str, "RootFS": {"Layers": list}})
    kept["Config"] = _picked(data.get("Config"), config)
    check = kept["Config"].get("Healthcheck", {})
    if isinstance(check.get("Test"), list):
        check["Test"] = check["Test"][:1]  # how it is run; the rest is a command
    _with_words(kept["Config"], data.get("Config"))
    kept["Secrets"] = once(_of_config(data.get("Config")))
    return kept


def history(data: Any) -> Any:
    """The lines of a history, newest first."""
    if not isinstance(data, list) or len(data) > MAX_MEMBERS:
        return _malformed(data)
    return [_line(each.get("CreatedBy") if isinstance(each, dict) else each) for each in data]


def container(data: Any) -> Any:
    """One container."""
    kept = _picked(data, _CONTAINER)
    kept["Config"] = _picked(data.get("Config"), {"Image": str, "User": str})
    _with_words(kept["Config"], data.get("Config"))
    mounts = data.get("Mounts")
    kept["Mounts"] = _listed([] if mounts is None else mounts, _MOUNT)
    options = kept["HostConfig"].get("SecurityOpt") if MALFORMED not in kept["HostConfig"] else None
    if isinstance(options, list):
        kept["HostConfig"]["SecurityOpt"] = [_security_option(each) for each in options]
    kept["Secrets"] = once(_of_config(data.get("Config")))
    return kept


# -- words -------------------------------------------------------------------------------------


def _with_words(kept: dict[str, Any], config: Any) -> None:
    """Adds the names of the environment and the labels."""
    if not isinstance(config, dict):
        return
    environment = config.get("Env")
    if environment is not None:
        kept["Env"] = _members(environment, lambda text: plain_name(text.partition("=")[0]))
    labels = config.get("Labels")
    if labels is not None:
        kept["Labels"] = _labels(labels)


def _labels(labels: Any) -> Any:
    if not isinstance(labels, dict) or len(labels) > MAX_MEMBERS:
        return _malformed(labels)
    return {plain_name(name): _label(name, value) for name, value in labels.items()}


def _label(name: str, value: Any) -> Any:
    """The value of a label; None for one that is not kept."""
    if not isinstance(value, str):
        return _malformed(value)
    known = len(value) <= MAX_LABEL and any(
        re.fullmatch(names, name) and re.fullmatch(form, value) for names, form in _KEPT_LABELS
    )
    return value if known and mask(value) == value and not holds_secret_form(value) else None


def _line(text: Any) -> Any:
    if not isinstance(text, str):
        return {"CreatedBy": _malformed(text)}
    kept: dict[str, Any] = {"CreatedBy": canonical(text)}
    if secrets := once(of_line(text)):
        kept["Secrets"] = secrets
    return kept


def _security_option(text: Any) -> Any:
    if isinstance(text, str) and text.startswith("seccomp") and "{" in text:
        return "seccomp=(a profile)"
    return text


def _of_config(config: Any) -> Iterator[Found]:
    """The secrets in the environment, the labels and the commands of a configuration."""
    if not isinstance(config, dict):
        return
    for text in _texts(config.get("Env")):
        name, _, value = text.partition("=")
        yield from of_pair("ENV", name, value)
    labels = config.get("Labels")
    for name, value in labels.items() if isinstance(labels, dict) else ():
        if isinstance(value, str):
            yield from of_pair("LABEL", name, value)
    check = config.get("Healthcheck")
    commands = {
        "CMD": config.get("Cmd"),
        "ENTRYPOINT": config.get("Entrypoint"),
        "HEALTHCHECK": check.get("Test") if isinstance(check, dict) else None,
    }
    for instruction, words in commands.items():
        yield from of_text(instruction, " ".join(_texts(words)))


def _texts(listed: Any) -> list[str]:
    return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []


# -- shapes ------------------------------------------------------------------------------------


def _picked(data: Any, shape: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an object that `shape` names, each of the type that it says."""
    if data is None:
        return {}
    if not isinstance(data, dict):
        return _malformed(data)
    kept: dict[str, Any] = {}
    for name, wanted in shape.items():
        value = data.get(name)
        if value is None:
            continue
        if isinstance(wanted, dict):
            kept[name] = _picked(value, wanted)
        elif wanted is list:
            kept[name] = _members(value, lambda text: text)
        else:
            kept[name] = _scalar(value, wanted)
    return kept


def _scalar(value: Any, wanted: type) -> Any:
    right = isinstance(value, wanted) and isinstance(value, bool) == (wanted is bool)
    fits = not isinstance(value, str) or len(value) <= MAX_TEXT
    return value if right and fits else _malformed(value)


def _members(listed: Any, convert: Any) -> Any:
    """A list of texts; a member of another type is malformed on its own."""
    if not isinstance(listed, list) or len(listed) > MAX_MEMBERS:
        return _malformed(listed)
    return [
        convert(each)
        if isinstance(each, str) and len(each) <= MAX_TEXT
        else _shortened(each, convert)
        for each in listed
    ]


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT


def _shortened(value: Any, convert: Any) -> Any:
    """A text that is too long, if what is kept of it is short; else malformed."""
    short = convert(value) if isinstance(value, str) else None
    return short if _is_short(short) else _malformed(value)


def _listed(data: Any, shape: Mapping[str, Any]) -> Any:
    if not isinstance(data, list):
        return _malformed(data)
    return [_picked(each, shape) if isinstance(each, dict) else _malformed(each) for each in data]


def _ordered(listed: Any, key: str) -> Any:
    if not isinstance(listed, list):
        return listed
    return sorted(listed, key=lambda row: str(row.get(key)))


def _malformed(value: Any) -> dict[str, Any]:
    """Stands for a value that is not what it should be; says its type and nothing of it."""
    long = isinstance(value, (str, list, dict)) and len(value) > MAX_LABEL
    return {MALFORMED: f"{'a long ' if long else ''}{type(value).__name__}"}
