"""A container, from what its engine says of it."""

from __future__ import annotations

import re
from typing import Any

from policyscan.collectors.docker.fields import (
    Record,
    partial,
    secret_uses,
    tags_of,
)
from policyscan.collectors.docker.host import Host, any_of
from policyscan.collectors.docker.images import is_root
from policyscan.resources.base import Chain, Origin, Step, StepKind
from policyscan.resources.containers import ContainerWorkload, Mount
from policyscan.values import Many, Maybe, Unknown, is_known

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
_PRIVILEGES = "no-new-privileges"
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
"""How the engine reads a switch."""
_PATHS = {
    "name": "Name",
    "image": "Config.Image",
    "running": "State.Running",
    "user": "Config.User",
    "user_is_root": "Config.User",
    "privileged": "HostConfig.Privileged",
    "capabilities_added": "HostConfig.CapAdd",
    "all_capabilities_dropped": "HostConfig.CapDrop",
    "no_new_privileges": "HostConfig.SecurityOpt",
    "read_only_root": "HostConfig.ReadonlyRootfs",
    "docker_socket": "Mounts",
    "host_network": "HostConfig.NetworkMode",
    "host_pid": "HostConfig.PidMode",
    "host_ipc": "HostConfig.IpcMode",
    "mounts": "Mounts",
    "memory_limit": "HostConfig.Memory",
    "pids_limit": "HostConfig.PidsLimit",
    "restart": "HostConfig.RestartPolicy.Name",
    "log_driver": "HostConfig.LogConfig.Type",
    "secret_variables": "Secrets",
    "environment_names": "Config.Env",
    "root_is_mapped": "HostConfig.UsernsMode",
}
"""By field, where the engine tells it."""


def container_of(container: str, origin: Origin, record: Record, host: Host) -> ContainerWorkload:
    """The container of the id `container`."""
    called = record.text("Name")
    name = called.lstrip("/") if isinstance(called, str) else called
    plain = isinstance(name, str) and _NAME.fullmatch(name)
    user, user_chain = _user(record, host)
    mounts = _mounts(record, host)
    made_from = record.text("Image")
    roots = host.roots.get(made_from, set()) if isinstance(made_from, str) else set()
    secrets, doubt = secret_uses(record.at("Secrets"))
    if not is_known(record.texts("Config.Env")):
        doubt = record.unknown("Config.Env")
    image = record.text("Config.Image")
    return ContainerWorkload(
        address=f"container:{name if plain else container}",
        origin=origin,
        names=(container, *((str(name),) if plain else ())),
        tags=tags_of(record),
        chains=_chains(record, host, user_chain),
        platform="docker",
        name=(name or None) if isinstance(name, str) else name,
        image=(image or None) if isinstance(image, str) else image,
        running=record.flag("State.Running"),
        user=(user or None) if isinstance(user, str) else user,
        user_is_root=is_root(user, roots),
        root_is_mapped=_root_is_mapped(record, host),
        privileged=record.flag("HostConfig.Privileged"),
        capabilities_added=_capabilities(record, "HostConfig.CapAdd"),
        all_capabilities_dropped=_drops_all(record),
        no_new_privileges=_no_new_privileges(record, host),
        read_only_root=record.flag("HostConfig.ReadonlyRootfs"),
        docker_socket=_docker_socket(mounts, host),
        host_network=host.shares(record, "HostConfig.NetworkMode"),
        host_pid=host.shares(record, "HostConfig.PidMode"),
        host_ipc=host.shares(record, "HostConfig.IpcMode"),
        mounts=mounts,
        memory_limit=record.limit("HostConfig.Memory"),
        pids_limit=record.limit("HostConfig.PidsLimit"),
        restart=_word(record, "HostConfig.RestartPolicy.Name", "no"),
        log_driver=_word(record, "HostConfig.LogConfig.Type", None),
        secret_variables=partial(secrets, doubt),
        environment_names=record.texts("Config.Env"),
    )


def _chains(record: Record, host: Host, user: Chain) -> dict[str, Chain]:
    chains = record.chains(**_PATHS)
    if user:
        chains |= {"user": user, "user_is_root": user}
    for field in ("no_new_privileges", "root_is_mapped"):
        if host.info.answer is not None:
            step = Step(StepKind.ANSWER, "SecurityOptions")
            chains[field] = (*chains[field], step, host.info.answer.call())
    return chains


def _user(record: Record, host: Host) -> tuple[Maybe[str], Chain]:
    """The user in force, and the way to it where that leads over the image. An engine copies the
    user of the image when it makes a container; not all others that speak its language do."""
    user = record.text("Config.User")
    image = record.text("Image")
    inherited = host.users.get(image) if isinstance(image, str) else None
    if user != "" if isinstance(user, str) else True:
        return user, ()
    if inherited is None or (isinstance(inherited, str) and not inherited):
        return user, ()
    step = Step(StepKind.ANSWER, f"Config.User of image {image}")
    return inherited, (*record.chain("Config.User"), step)


def _root_is_mapped(record: Record, host: Host) -> Maybe[bool]:
    rootless, mapped = host.confines("rootless"), host.confines("userns")
    mode = record.text("HostConfig.UsernsMode")
    if not isinstance(mode, str):
        return record.unknown("HostConfig.UsernsMode")
    return any_of([rootless, mapped if mode != "host" else False])


def _capabilities(record: Record, path: str) -> Many[Maybe[str]]:
    found = record.texts(path)
    if not isinstance(found, tuple):
        return found
    return tuple(
        each.upper().removeprefix("CAP_") if isinstance(each, str) else each for each in found
    )


def _drops_all(record: Record) -> Maybe[bool]:
    dropped = _capabilities(record, "HostConfig.CapDrop")
    if not isinstance(dropped, tuple):
        return record.unknown("HostConfig.CapDrop")
    return any_of([each == "ALL" if isinstance(each, str) else each for each in dropped])


def _no_new_privileges(record: Record, host: Host) -> Maybe[bool]:
    """Whether the flag is set: by the last option that says so, or else by the engine for all."""
    options = record.texts("HostConfig.SecurityOpt")
    if not isinstance(options, tuple):
        return record.unknown("HostConfig.SecurityOpt")
    answer: Maybe[bool] | None = None
    for option in options:
        if not isinstance(option, str):
            answer = option
            continue
        if option == _PRIVILEGES:
            answer = True
            continue
        name, _, value = option.partition("=" if "=" in option else ":")
        if name == _PRIVILEGES:
            switch = True if value in _TRUE else False if value in _FALSE else None
            answer = record.unknown("HostConfig.SecurityOpt") if switch is None else switch
    return host.confines(_PRIVILEGES) if answer is None else answer


# -- mounts ------------------------------------------------------------------------------------


def _mounts(record: Record, host: Host) -> Many[Mount]:
    """All mounts, those that are only listed as binds included."""
    rows = record.at("Mounts")
    if not isinstance(rows, list | None):
        return rows if isinstance(rows, Unknown) else record.unknown("Mounts")
    found = [_mount(row, record, host) for row in rows or ()]
    targets = {mount.target for mount in found if isinstance(mount.target, str)}
    binds = record.texts("HostConfig.Binds")
    if not isinstance(binds, tuple):
        return record.unknown("HostConfig.Binds")
    for bind in binds:
        mount = _bind(bind, record)
        if not (isinstance(mount.target, str) and mount.target in targets):
            found.append(mount)
    return tuple(found)


def _mount(row: Any, record: Record, host: Host) -> Mount:
    if not isinstance(row, dict) or "malformed" in row:
        unknown = record.unknown("Mounts")
        return Mount(source=unknown, target=unknown, read_only=unknown)
    typed = {name: row.get(name) for name in ("Type", "Name", "Source", "Destination")}
    if any(not isinstance(value, str | None) for value in typed.values()):
        unknown = record.unknown("Mounts")
        return Mount(source=unknown, target=unknown, read_only=unknown)
    writable = row.get("RW")
    return Mount(
        source=_source(typed, host),
        target=typed["Destination"],
        read_only=not writable if isinstance(writable, bool) else record.unknown("Mounts"),
    )


def _source(row: dict[str, str | None], host: Host) -> Maybe[str | None]:
    """The path on the host, or the name of a volume that the engine keeps."""
    if row["Type"] == "tmpfs":
        return None
    if row["Type"] != "volume":
        return row["Source"] or None
    device = host.device(row["Name"] or "")
    return row["Name"] or row["Source"] or None if device is None else device


def _bind(text: Maybe[str], record: Record) -> Mount:
    """`source:target[:options]`."""
    if not isinstance(text, str):
        unknown = record.unknown("HostConfig.Binds")
        return Mount(source=unknown, target=unknown, read_only=unknown)
    source, _, rest = text.partition(":")
    target, _, options = rest.partition(":")
    return Mount(source=source or None, target=target, read_only="ro" in options.split(","))


def _docker_socket(mounts: Many[Mount], host: Host) -> Maybe[bool]:
    if not isinstance(mounts, tuple):
        return mounts if isinstance(mounts, Unknown) else False
    return any_of([host.leads_to_socket(mount) for mount in mounts])


def _word(record: Record, path: str, default: str | None) -> Maybe[str | None]:
    text = record.text(path)
    return (text or default) if isinstance(text, str) else text
