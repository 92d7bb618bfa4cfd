"""What goes wrong when an account is asked, as reasons for gaps.

The texts that services send back are not repeated: only their error codes are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from policyscan.errors import GapReason, ReadError

if TYPE_CHECKING:
    from policyscan.collectors.aws.operation import Operation

THROTTLED = frozenset(
    "BandwidthLimitExceeded EC2ThrottledException LimitExceededException PriorRequestNotComplete "
    "ProvisionedThroughputExceededException RequestLimitExceeded RequestThrottled "
    "RequestThrottledException SlowDown ThrottledException Throttling ThrottlingException "
    "TooManyRequestsException TransactionInProgressException".split()
)
"""Error codes of a service that is asked too often; botocore repeats requests after them."""
_DENIED = frozenset(
    "AccessDenied AccessDeniedException AuthorizationError UnauthorizedOperation "
    "UnauthorizedException NotAuthorized AccessDeniedByServiceControlPolicy Forbidden".split()
)
_UNUSABLE = frozenset(
    "AuthFailure InvalidClientTokenId UnrecognizedClientException OptInRequired "
    "InvalidAccessKeyId SubscriptionRequiredException InvalidAction InvalidSecurity".split()
)
"""What a region answers that is not enabled for the account, or to keys that it does not know."""
_CLOCK = frozenset(
    "RequestExpired RequestTimeTooSkewed InvalidSignatureException SignatureDoesNotMatch "
    "RequestInTheFuture".split()
)
_EXPIRED = frozenset("ExpiredToken ExpiredTokenException TokenRefreshRequired".split())
_GONE = re.compile(r"NoSuch\w*|\w*NotFound(?:Exception)?|ResourceNotFoundException")
_CODE = re.compile(r"[A-Za-z0-9.]{1,64}")


class Spent(Exception):  # noqa: N818 - what it says, not what it is
    """The time for a service in a region is over; `error` is what the last attempt brought."""

    def __init__(self, error: BaseException | None, code: str) -> None:
        super().__init__(code)
        self.error = error
        self.code = code


class WrongShapeError(Exception):
    """An answer is not what the service model says."""


def malformed() -> tuple[type[BaseException], ...]:
    """What botocore lets through when an answer is not what its model says."""
    return (WrongShapeError, LookupError, TypeError, ValueError, AttributeError)


def expected() -> tuple[type[BaseException], ...]:
    """Everything that asking may raise because of what it meets."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    known = (BotoCoreError, ClientError, ResponseParserError, Spent, ReadError, OSError)
    return (*known, *malformed())


def code_of(error: BaseException) -> str:
    """The error code that a service sent; empty if it sent none that looks like one."""
    response = getattr(error, "response", None)
    if not isinstance(response, dict):
        return ""
    inner = response.get("Error")
    return clean_code(inner.get("Code") if isinstance(inner, dict) else "")


def clean_code(code: Any) -> str:
    """An error code if it looks like one."""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def problem(error: BaseException, operation: Operation, region: str) -> tuple[GapReason, str]:
    """The reason for the gap that an error leaves, and a sentence with the next step."""
    if isinstance(error, ReadError):
        return error.reason, error.message
    if isinstance(error, Spent):
        if error.code in THROTTLED:
            message = f"it answered {error.code} until the time for it was over"
            return GapReason.THROTTLED, message
        last = error.code or _name(error.error)
        return GapReason.UNREACHABLE, f"no answer before the time for it was over; last: {last}"
    code = code_of(error)
    if code:
        return _coded(code, error, operation, region)
    if isinstance(error, malformed()) or _name(error) == "ResponseParserError":
        return GapReason.UNPARSEABLE, f"the answer is not what it should be ({_name(error)})"
    return _unreachable(error)


def is_of_region(error: BaseException) -> bool:
    """Whether a region may have refused what another would answer: one that is not enabled."""
    return code_of(error) in _UNUSABLE


def _coded(
    code: str, error: BaseException, operation: Operation, region: str
) -> tuple[GapReason, str]:
    if code in _DENIED or code.endswith(".AccessDenied"):
        needs = f"allow {operation.permission} to the identity that asks"
        return GapReason.DENIED, f"denied ({code}); {needs}"
    if code in _CLOCK:
        return GapReason.DENIED, f"refused ({code}); compare the clock of this machine"
    if code in _EXPIRED:
        return GapReason.DENIED, f"the credentials have expired ({code}); get new ones"
    if code in _UNUSABLE:
        where = f"the credentials are not valid in {region}, or the region is not enabled"
        return GapReason.DENIED, f"refused ({code}): {where}"
    if code in THROTTLED:
        return GapReason.THROTTLED, f"it answered {code} to every attempt"
    if _GONE.fullmatch(code):
        return GapReason.UNREADABLE, f"it is no longer there ({code})"
    response = getattr(error, "response", {})
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status == 403:
        return GapReason.DENIED, f"denied ({code}); allow {operation.permission}"
    if status == 429:
        return GapReason.THROTTLED, f"it answered {code} to every attempt"
    if isinstance(status, int) and status >= 500:
        return GapReason.UNREACHABLE, f"the service failed ({code}) at every attempt"
    return GapReason.UNREADABLE, f"the service answered {code}"


def _unreachable(error: BaseException) -> tuple[GapReason, str]:
    name = _name(error)
    if name in ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"):
        hint = "set AWS_PROFILE, or log in with `aws sso login`"
        return GapReason.DENIED, f"there are no credentials; {hint}"
    if name in ("ProfileNotFound", "SSOTokenLoadError", "UnauthorizedSSOTokenError"):
        return GapReason.DENIED, f"the profile cannot be used ({name})"
    if name == "PaginationError":
        return GapReason.TRUNCATED, "the same page came again; there may be more"
    if name in ("EndpointConnectionError", "NoRegionError", "InvalidRegionError"):
        return GapReason.UNREACHABLE, f"no such endpoint can be reached ({name})"
    return GapReason.UNREACHABLE, f"no answer ({name})"


def _name(error: BaseException | None) -> str:
    return type(error).__name__
