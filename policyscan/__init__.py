"""policyscan: a policy-as-code compliance scanner whose every verdict can be checked.

The names below are the public interface. They are loaded when they are first used, so that
`policyscan --version` pays for none of them.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from policyscan.findings.model import Finding, Verdict
    from policyscan.findings.report import Report
    from policyscan.pipeline import scan
    from policyscan.policy import load_policies
    from policyscan.request import ScanRequest

__version__ = "0.1.0"

__all__ = ["Finding", "Report", "ScanRequest", "Verdict", "load_policies", "scan"]

_HOME = {
    "Finding": "policyscan.findings.model",
    "Report": "policyscan.findings.report",
    "ScanRequest": "policyscan.request",
    "Verdict": "policyscan.findings.model",
    "load_policies": "policyscan.policy",
    "scan": "policyscan.pipeline",
}


def __getattr__(name: str) -> object:
    """Loads a public name from the module that holds it."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)
