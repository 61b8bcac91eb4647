"""One call to a payment gateway, and its failures in the words of the port; keys read from their files."""

from pathlib import Path
from typing import Final

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from huikuan.adapters.http_calls import SERVER_ERRORS, TOO_MANY, Answer, ask, client
from huikuan.cash.ports import GatewayUnsure

TIMEOUT_SECONDS: Final = 10
_ARMOR: Final = "-----BEGIN"


class KeyFileError(ValueError):
    """A key file does not hold what it should: nothing can be signed or verified."""


def call(gateway: str, request: httpx.Request) -> Answer:
    """Make a call. Raises GatewayUnsure when there is no answer, or none that says whether anything happened."""
    with client(TIMEOUT_SECONDS) as used:
        answer = ask(used, request)
    if not isinstance(answer, Answer) or answer.status in SERVER_ERRORS or answer.status == TOO_MANY:
        raise GatewayUnsure(gateway=gateway)
    return answer


def private_key(path: str) -> RSAPrivateKey:
    """Read our RSA key: PEM, or the bare base64 that Alipay's tool writes. Raises KeyFileError."""
    key = load_pem_private_key(_pem(path, "PRIVATE KEY"), password=None)
    if not isinstance(key, RSAPrivateKey):
        message = f"{path} holds no RSA private key"
        raise KeyFileError(message)
    return key


def public_key(path: str) -> RSAPublicKey:
    """Read the other side's RSA key: PEM, a certificate, or bare base64. Raises KeyFileError."""
    pem = _pem(path, "PUBLIC KEY")
    key = load_pem_x509_certificate(pem).public_key() if b"CERTIFICATE" in pem else load_pem_public_key(pem)
    if not isinstance(key, RSAPublicKey):
        message = f"{path} holds no RSA public key"
        raise KeyFileError(message)
    return key


def _pem(path: str, what: str) -> bytes:
    text = Path(path).read_text(encoding="ascii").strip()
    if not text.startswith(_ARMOR):
        text = f"-----BEGIN {what}-----\n{text}\n-----END {what}-----\n"
    return text.encode()


def sign(key: RSAPrivateKey, message: bytes) -> bytes:
    """Sign with RSA and SHA-256, as both Chinese gateways want it."""
    return key.sign(message, PKCS1v15(), SHA256())


def is_signed(key: RSAPublicKey, signature: bytes, message: bytes) -> bool:
    """Tell whether the holder of a key signed a message."""
    try:
        key.verify(signature, message, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
