"""What a certificate says of itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_MOST_NAMES = 5
_NAME = re.compile(r"[A-Za-z0-9.:/*_-]{1,253}")
INSTALL = 'cryptography is not installed: pip install "policyscan[tls]"'


def is_readable_here() -> bool:
    """Whether the library that reads certificates is installed."""
    from importlib.util import find_spec

    return find_spec("cryptography") is not None


def facts_of(der: bytes) -> Mapping[str, Any]:
    """Dates, key and signature, without what is of no known kind; empty if nothing can be read."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import InvalidVersion, load_der_x509_certificate

    try:
        certificate = load_der_x509_certificate(der)
        dates = {
            "not_before": certificate.not_valid_before_utc.isoformat(),
            "not_after": certificate.not_valid_after_utc.isoformat(),
        }
    except (ValueError, UnsupportedAlgorithm, InvalidVersion):
        return {}
    return {**dates, **_key(certificate), **_signature(certificate), "names": _names(certificate)}


def _names(certificate: Certificate) -> list[str]:
    """The names and addresses that it is for, or the first of many."""
    from cryptography import x509

    try:
        extensions = certificate.extensions
        found = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = found.get_values_for_type(x509.DNSName)
        names += [str(each) for each in found.get_values_for_type(x509.IPAddress)]
    except (
        ValueError,
        x509.ExtensionNotFound,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    ):
        return []
    return [name for name in names if _NAME.fullmatch(name)][:_MOST_NAMES]


def _key(certificate: Certificate) -> Mapping[str, Any]:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return {}
    match key:
        case rsa.RSAPublicKey():
            return {"key_type": "rsa", "key_bits": key.key_size}
        case ec.EllipticCurvePublicKey():
            return {"key_type": "ec", "key_bits": key.curve.key_size}
        case dsa.DSAPublicKey():
            return {"key_type": "dsa", "key_bits": key.key_size}
        case ed25519.Ed25519PublicKey():
            return {"key_type": "ed25519", "key_bits": 256}
        case ed448.Ed448PublicKey():
            return {"key_type": "ed448", "key_bits": 456}
    return {}


def _signature(certificate: Certificate) -> Mapping[str, Any]:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return {}
    return {"signature_hash": algorithm.name if algorithm else None}
