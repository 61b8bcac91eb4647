"""A payment provider on this machine: answers as it is told, remembers what it was asked."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Answers = Callable[[Asked], tuple[int, dict[str, str], bytes] | None]


@dataclass
class Provider:
    """`answer` is called for each request; None: the connection is dropped without a word."""

    address: str = ""
    answer: Answers = lambda _asked: (500, {}, b"")
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Provider]:
    """Run a provider on a free port."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            provider.asked.append(Asked(self.command, self.path, headers, body))
            answer = provider.answer(provider.asked[-1])
            if answer is None:
                self.close_connection = True
                return
            status, more, content = answer
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _handle  # noqa: N815  the server's names

        def log_message(self, *args) -> None:
            del args

    server = HTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Keys:
    """An RSA pair, in files and at hand."""

    def __init__(self, folder, name: str) -> None:
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.private_file, self.public_file = folder / f"{name}.key", folder / f"{name}.pub"
        self.private_file.write_bytes(
            self.private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self.public_file.write_bytes(
            self.private.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )

    def sign(self, message: bytes) -> str:
        return base64.b64encode(self.private.sign(message, PKCS1v15(), SHA256())).decode()

    def verify(self, signature: str, message: bytes) -> None:
        """Raises InvalidSignature."""
        self.private.public_key().verify(base64.b64decode(signature), message, PKCS1v15(), SHA256())


def as_json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
