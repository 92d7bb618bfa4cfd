"""policyscan: a policy-as-code compliance scanner whose every verdict can be checked."""
__version__ = "0.1.0"
