"""Bodies of answers, read only as long as there is time and only so much of them.

botocore waits for each piece of a body, however many come and however small; and it takes a body
that ends early for a whole one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policyscan.errors import GapReason, ReadError

if TYPE_CHECKING:
    from policyscan.collectors.aws.session import Meter

MOST_BYTES = 64 * 1024 * 1024
"""Of one page. The largest that a service sends have a few."""
_PIECE = 64 * 1024


class BoundedSession:
    """Sends like the session of botocore that it stands for."""

    def __init__(self, inner: Any, meter: Meter) -> None:
        self._inner = inner
        self._meter = meter

    def close(self) -> None:
        """Closes the connections."""
        self._inner.close()

    def send(self, request: Any) -> Any:
        """The answer with its body. Raises what botocore raises, and `ReadError` for a body that
        is too large."""
        from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
        from urllib3.exceptions import HTTPError
        from urllib3.exceptions import ReadTimeoutError as Late

        request.stream_output = True  # the body is left to us
        response = self._inner.send(request)
        try:
            response._content = self._body(response.raw)
        except Late as error:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from None
        except HTTPError as error:
            raise ConnectionClosedError(
                endpoint_url=request.url, error=error, request=request
            ) from None
        except TimeoutError as error:
            response.raw.close()
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from None
        return response

    def _body(self, raw: Any) -> bytes:
        from urllib3.exceptions import IncompleteRead

        text = raw.headers.get("Content-Length", "")
        announced = int(text) if text.isdecimal() else None
        found = bytearray()
        while len(found) != announced and (piece := raw.read1(_PIECE)):
            found += piece
            if len(found) > MOST_BYTES:
                raw.close()
                message = f"an answer of more than {MOST_BYTES} bytes"
                raise ReadError(GapReason.TOO_LARGE, "answer", message)
            if self._meter.over and len(found) != announced:
                raise TimeoutError
        if announced is not None and len(found) < announced:
            raise IncompleteRead(len(found), announced - len(found))
        raw.release_conn()
        return bytes(found)
