"""Sessions and clients of boto3, which may send nothing but what is listed in `operations`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from policyscan.collectors.aws.bounded import BoundedSession
from policyscan.collectors.aws.errors import THROTTLED, Spent, clean_code
from policyscan.collectors.aws.operation import Operation
from policyscan.collectors.aws.operations import ALLOWED
from policyscan.errors import InvariantError

BUDGET = 120.0
"""Seconds for one service in one region, repeated requests and the pauses between them included."""
_ATTEMPTS = 10
_CONNECT, _READ = 5.0, 10.0
_SHARE = 0.2
"""Of the time, how much one call may take that is not answered or fails, before it is given up: the
others of its service are still asked."""
_LONGEST_PAUSE = 20.0
"""botocore's longest pause before it repeats a request."""

IDENTITY = Operation("sts:GetCallerIdentity", (), "account", member="Account")
ASSUME = Operation("sts:AssumeRole", (), "account", member="Credentials")


@dataclass
class Meter:
    """The requests of one service in one region, and the time left for them."""

    budget: float = BUDGET
    calls: int = 0
    _end: float = 0.0
    _end_of_call: float = 0.0
    _stopped: bool = False

    def start(self) -> None:
        """The time counts from now."""
        if not self._stopped:
            self._end = monotonic() + self.budget

    def stop(self) -> None:
        """No more is wanted: nothing is repeated, and no page follows."""
        self._stopped = True
        self._end = 0.0

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return monotonic() >= self._end

    def allows(self, seconds: float, *, refused: bool = True) -> bool:
        """Whether a pause of that length ends in time: that of the whole service for a call that
        was refused, since the others would be as well."""
        end = self._end if refused else min(self._end, self._end_of_call)
        return monotonic() + seconds < end

    def begin(self, **_: Any) -> None:
        """A call begins."""
        self._end_of_call = monotonic() + self.budget * _SHARE

    def count(self, **_: Any) -> None:
        """One more request is sent. (It returns nothing: botocore then sends it.)"""
        self.calls += 1

    def check(
        self, attempts: int, response: Any = None, caught_exception: Any = None, **_: Any
    ) -> None:
        """Before a request may be repeated: ends it if the pause may outlast the time."""
        status = response[0].status_code if response else 0
        if caught_exception is None and status < 400:
            return
        refused = 400 <= status < 500
        if not self.allows(min(2.0 ** (attempts - 1), _LONGEST_PAUSE), refused=refused):
            parsed = response[1] if response else None
            inner = parsed.get("Error") if isinstance(parsed, dict) else None
            code = clean_code(inner.get("Code")) if isinstance(inner, dict) else ""
            if code and status in range(400, 500) and not _repeated(code, status):
                return  # it would not be repeated; the error itself says more
            raise Spent(caught_exception, code)


def _repeated(code: str, status: int) -> bool:
    return code in THROTTLED or status == 429 or code.startswith("RequestTimeout")


class Sessions:
    """A boto3 session, and one client for each service and region."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Raises what botocore raises for a profile that it does not find."""
        import boto3

        self._settings = settings
        self._session = boto3.session.Session(profile_name=settings.get("profile") or None)
        self.budget = float(settings.get("budget") or BUDGET)

    @property
    def region(self) -> str:
        """The region that the environment or the profile names; empty without one."""
        return self._session.region_name or ""

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions to ask, each once: those of the settings, or else the one of the environment,
        which is empty without one."""
        return tuple(dict.fromkeys(self._settings.get("regions") or (self.region,)))

    def client(self, service: str, region: str, meter: Meter) -> Any:
        """A client that counts its requests on `meter` and sends only what is listed."""
        from botocore.config import Config

        config = Config(
            retries={"mode": "adaptive", "total_max_attempts": _ATTEMPTS},
            connect_timeout=min(_CONNECT, self.budget),
            read_timeout=min(_READ, self.budget),
            user_agent_extra="policyscan",
        )
        client = self._session.client(service, region_name=region, config=config)
        endpoint = client._endpoint
        endpoint.http_session = BoundedSession(endpoint.http_session, meter)
        events = client.meta.events
        name = client.meta.service_model.service_id.hyphenize()

        def only_listed(model: Any, **_: Any) -> None:
            subject = f"{service}:{model.name}"
            if subject not in ALLOWED:
                raise InvariantError(f"{subject} is not an operation that may be asked")

        events.register_first(f"before-parameter-build.{name}", only_listed)
        events.register(f"before-call.{name}", meter.begin)
        events.register(f"before-send.{name}", meter.count)
        events.register_first(f"needs-retry.{name}", meter.check)
        return client

    def assume(self, role: str, region: str, meter: Meter) -> None:
        """Go on as another role. Raises what botocore raises."""
        import boto3

        more = {"ExternalId": self._settings["external_id"]} if self._external else {}
        answer = self.client("sts", region, meter).assume_role(
            RoleArn=role, RoleSessionName="policyscan", **more
        )
        keys = answer["Credentials"]
        self._session = boto3.session.Session(
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            region_name=region,
        )

    @property
    def _external(self) -> bool:
        return bool(self._settings.get("external_id"))
