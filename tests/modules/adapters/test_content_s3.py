"""The S3 store against a server on this machine that speaks the three calls and checks every signature (SigV4)."""

import hashlib
import hmac
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from botocore.exceptions import ClientError
from django.core.exceptions import ImproperlyConfigured

from huikuan.adapters.content_s3.store import S3Store
from huikuan.journal.ports import ContentMissingError

SECRET = "store-secret"
CONTENT = "催款函".encode() * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def signature(request: BaseHTTPRequestHandler, secret: str) -> str:
    """Compute the signature of a request as the service's documentation describes it."""
    given = request.headers["Authorization"]
    scope = re.search(r"Credential=[^/]+/([^,]+)", given)[1]
    signed = re.search(r"SignedHeaders=([^,]+)", given)[1]
    headers = "".join(f"{name}:{' '.join(request.headers[name].split())}\n" for name in signed.split(";"))
    path, _, query = request.path.partition("?")
    body_hash = request.headers["x-amz-content-sha256"]
    canonical = f"{request.command}\n{path}\n{query}\n{headers}\n{signed}\n{body_hash}"
    to_sign = "\n".join(
        ["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()]
    )
    key = f"AWS4{secret}".encode()
    for part in [*scope.split("/"), to_sign]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


class ObjectServer(BaseHTTPRequestHandler):
    """PutObject, GetObject and HeadObject of one bucket in memory."""

    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]
    calls: list[str]
    faults: list[int]

    def log_message(self, *args):
        pass

    def _answer(self, status: int, body: bytes = b"", code: str = "") -> None:
        body = f"<Error><Code>{code}</Code></Error>".encode() if code else body
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.calls.append(self.command)
        if self.faults:
            self._answer(self.faults.pop(0), code="SlowDown")
        elif f"Signature={signature(self, SECRET)}" not in self.headers["Authorization"]:
            self._answer(403, code="SignatureDoesNotMatch")
        elif self.command == "PUT":
            assert hashlib.sha256(body).hexdigest() == self.headers["x-amz-content-sha256"]
            self.objects[self.path] = body
            self._answer(200)
        elif self.path in self.objects:
            self._answer(200, self.objects[self.path])
        else:
            self._answer(404, code="NoSuchKey")

    do_GET = do_PUT = do_HEAD = _handle  # noqa: N815  the names are http.server's


@pytest.fixture
def server(settings, monkeypatch):
    handler = type("Handler", (ObjectServer,), {"objects": {}, "calls": [], "faults": []})
    listening = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    settings.HUIKUAN_S3_BUCKET = "evidence"
    settings.HUIKUAN_S3_ENDPOINT = f"http://127.0.0.1:{listening.server_port}"
    settings.HUIKUAN_S3_REGION = "cn-test-1"
    settings.HUIKUAN_S3_ACCESS_KEY = "store-key"
    settings.HUIKUAN_S3_SECRET_KEY = SECRET
    monkeypatch.setattr(S3Store, "_client", None)
    yield handler
    if S3Store._client is not None:
        S3Store._client.close()
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_what_is_put_is_kept_once_and_comes_back(server):
    store = S3Store()
    store.put(SHA256, CONTENT)
    store.put(SHA256, CONTENT)
    assert store.get(SHA256) == CONTENT
    assert server.calls == ["HEAD", "PUT", "HEAD", "GET"]
    assert list(server.objects) == [f"/evidence/{SHA256[:2]}/{SHA256}"]


def test_what_was_never_put_is_missing(server):
    with pytest.raises(ContentMissingError):
        S3Store().get(SHA256)


def test_a_busy_service_is_asked_again(server):
    server.faults.append(503)
    S3Store().put(SHA256, CONTENT)
    assert server.objects


def test_a_wrong_secret_is_an_error_and_not_a_missing_file(server, settings):
    settings.HUIKUAN_S3_SECRET_KEY = "another"
    for act in (lambda: S3Store().get(SHA256), lambda: S3Store().put(SHA256, CONTENT)):
        with pytest.raises(ClientError):
            act()
    assert not server.objects


def test_without_boto3_the_setting_says_what_to_install(server, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    with pytest.raises(ImproperlyConfigured, match=r"huikuan\[s3\]"):
        S3Store().get(SHA256)
