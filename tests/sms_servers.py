"""Local servers that speak what Aliyun, Tencent and Twilio document, verify our signatures, and misbehave on demand."""

import base64
import hashlib
import hmac
import json
import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit

KEY_ID, SECRET = "AKtest", "secret-of-the-test"


@dataclass
class Provider:
    """What a provider took, and how it treats the next calls.

    Attributes:
        accepted: Messages that it took responsibility for: number, text or parameters, our key, its reference.
        fault: "", or "reset-before" (the connection breaks before anything is taken), "reset-after", "silent" (takes
            the message and never answers), "malformed", "empty", or a pair of status and JSON answer.
        retry_after: Header of the next answers.
    """

    name: str
    accepted: list[dict] = field(default_factory=list)
    requests: list[dict] = field(default_factory=list)
    fault: object = ""
    retry_after: str = ""
    on_accept: object = None
    release: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def accept(self, **message: str) -> str:
        reference = f"{self.name}-{len(self.accepted) + 1}"
        self.accepted.append({**message, "reference": reference})
        if self.on_accept is not None:
            self.on_accept(self.accepted[-1])
        return reference


class RefusedError(Exception):
    """An answer other than yes, as the provider writes it."""

    def __init__(self, status: int, content: dict):
        super().__init__(content)
        self.status, self.content = status, content


def aliyun(provider: Provider, handler: BaseHTTPRequestHandler, body: bytes) -> dict:
    """Dysmsapi 2017-05-25: verify ACS3-HMAC-SHA256, then SendSms or QuerySendDetails."""
    headers, split = handler.headers, urlsplit(handler.path)
    given = dict(parse_qsl(split.query, keep_blank_values=True))
    signed = re.search(r"SignedHeaders=([^,]+),Signature=(\w+)", headers["authorization"])
    query = "&".join(f"{quote(n, safe='-_.~')}={quote(given[n], safe='-_.~')}" for n in sorted(given))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in signed[1].split(";"))
    hashed = hashlib.sha256(body).hexdigest()
    canonical = f"POST\n/\n{query}\n{lines}\n{signed[1]}\n{hashed}"
    told = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    if hmac.new(SECRET.encode(), told.encode(), hashlib.sha256).hexdigest() != signed[2]:
        raise RefusedError(400, {"Code": "SignatureDoesNotMatch", "Message": "Specified signature is not matched"})
    if headers["x-acs-action"] == "QuerySendDetails":
        listed = [
            {"PhoneNum": each["number"], "OutId": each["key"], "SendStatus": 3, "ErrCode": "DELIVERED"}
            for each in provider.accepted
            if each["number"] == given["PhoneNumber"]
        ]
        return {"Code": "OK", "Message": "OK", "TotalCount": len(listed),
                "SmsSendDetailDTOs": {"SmsSendDetailDTO": listed}}  # fmt: skip
    reference = provider.accept(
        number=given["PhoneNumbers"], key=given["OutId"], code=given["TemplateCode"], signature=given["SignName"],
        values=json.loads(given["TemplateParam"]),
    )  # fmt: skip
    return {"Code": "OK", "Message": "OK", "RequestId": "1", "BizId": reference}


def tencent(provider: Provider, handler: BaseHTTPRequestHandler, body: bytes) -> dict:
    """SMS 2021-01-11: verify TC3-HMAC-SHA256, then SendSms or PullSmsSendStatusByPhoneNumber."""
    headers = handler.headers
    found = re.search(r"Credential=([^/]+)/(\S+?), SignedHeaders=(\S+?), Signature=(\w+)", headers["authorization"])
    scope, names = found[2], found[3]
    values = {name: headers[name].strip() for name in names.split(";")}
    values["x-tc-action"] = values["x-tc-action"].lower()
    lines = "".join(f"{name}:{value}\n" for name, value in values.items())
    canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    told = "\n".join([
        "TC3-HMAC-SHA256", headers["x-tc-timestamp"], scope, hashlib.sha256(canonical.encode()).hexdigest()
    ])  # fmt: skip
    key = f"TC3{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    if hmac.new(key, told.encode(), hashlib.sha256).hexdigest() != found[4]:
        raise RefusedError(200, {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "wrong"}}})
    given = json.loads(body)
    if headers["x-tc-action"] == "PullSmsSendStatusByPhoneNumber":
        return {"Response": {"PullSmsSendStatusSet": reported(provider, given, headers), "RequestId": "2"}}
    reference = provider.accept(
        number=given["PhoneNumberSet"][0], key=given["SessionContext"], code=given["TemplateId"],
        signature=given["SignName"], values=given["TemplateParamSet"],
    )  # fmt: skip
    status = {"SerialNo": reference, "PhoneNumber": given["PhoneNumberSet"][0], "Fee": 1, "Code": "Ok",
              "SessionContext": given["SessionContext"], "Message": "send success", "IsoCode": "CN"}  # fmt: skip
    return {"Response": {"SendStatusSet": [status], "RequestId": "1"}}


def reported(provider: Provider, given: dict, headers: dict) -> list[dict]:
    """What the carrier has reported on messages to one number: of seven days, at most a hundred."""
    week_ago = int(headers["x-tc-timestamp"]) - 7 * 86_400
    if given["Offset"] != 0 or not 1 <= given["Limit"] <= 100 or given["BeginTime"] < week_ago:
        wrong = {"Code": "InvalidParameterValue.BeginTimeVerifyFail", "Message": "wrong"}
        raise RefusedError(200, {"Response": {"Error": wrong, "RequestId": "2"}})
    return [
        {"UserReceiveTime": int(headers["x-tc-timestamp"]), "CountryCode": "86", "SerialNo": each["reference"],
         "SubscriberNumber": each["number"].removeprefix("+86"), "PhoneNumber": each["number"],
         "ReportStatus": "SUCCESS", "Description": "DELIVRD", "SessionContext": each["key"]}
        for each in provider.accepted
        if each["number"] == given["PhoneNumber"]
    ]  # fmt: skip


def twilio(provider: Provider, handler: BaseHTTPRequestHandler, body: bytes) -> dict:
    """Messages 2010-04-01: basic authentication, then create or list."""
    expected = base64.b64encode(f"{KEY_ID}:{SECRET}".encode()).decode()
    if handler.headers["authorization"] != f"Basic {expected}":
        raise RefusedError(401, {"code": 20003, "message": "Authenticate", "status": 401})
    if handler.command == "GET":
        to = dict(parse_qsl(urlsplit(handler.path).query))["To"]
        return {"messages": [
            {"sid": each["reference"], "to": to, "body": each["text"], "direction": "outbound-api"}
            for each in provider.accepted if each["number"] == to
        ]}  # fmt: skip
    given = dict(parse_qsl(body.decode()))
    key = dict(parse_qsl(urlsplit(given["StatusCallback"]).query))["key"]
    reference = provider.accept(
        number=given["To"], key=key, text=given["Body"], callback=given["StatusCallback"], sender=given["From"]
    )
    return {"sid": reference, "status": "queued"}


def brevo(provider: Provider, handler: BaseHTTPRequestHandler, body: bytes) -> dict:
    """The mail service Brevo, API v3: the key in a header, one transactional mail."""
    if handler.headers["api-key"] != SECRET:
        raise RefusedError(401, {"code": "unauthorized", "message": "Key not found"})
    given = json.loads(body)
    reference = provider.accept(number=given["to"][0]["email"], text=given["textContent"], headers=given["headers"])
    return {"messageId": reference}


SPEAKERS = {"brevo": brevo, "aliyun": aliyun, "tencent": tencent, "twilio": twilio}


class Handler(BaseHTTPRequestHandler):
    """One call to the provider of the server."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"] or 0))
        provider = self.server.provider
        provider.requests.append({"path": self.path, "headers": dict(self.headers), "body": body})
        fault = provider.fault
        if isinstance(fault, tuple):
            self.answer(*fault)
            return
        if fault == "reset-before":
            self.hang_up()
            return
        try:
            status, content = self.server.status, SPEAKERS[provider.name](provider, self, body)
        except RefusedError as refused:
            status, content = refused.status, refused.content
        if fault == "silent":
            provider.release.wait(20)
        if fault in {"silent", "reset-after"}:
            self.hang_up()
            return
        self.answer(status, {"malformed": '{"Code": "O', "empty": ""}.get(fault, content))

    def hang_up(self) -> None:
        reset(self.connection)
        self.close_connection = True

    def do_GET(self) -> None:
        self.do_POST()

    def answer(self, status: int, content: object) -> None:
        body = (content if isinstance(content, str) else json.dumps(content)).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        if self.server.provider.retry_after:
            self.send_header("retry-after", self.server.provider.retry_after)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Keep quiet."""


class Server(ThreadingHTTPServer):
    """A provider on a free port."""

    daemon_threads = True

    def __init__(self, provider: Provider):
        super().__init__(("127.0.0.1", 0), Handler)
        self.provider = provider
        self.status = 201 if provider.name in {"twilio", "brevo"} else 200
        provider.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that was reset on purpose is no error."""


@contextmanager
def sms_server(name: str) -> Iterator[Provider]:
    """Run a provider on a free port of 127.0.0.1 while the block lasts."""
    server = Server(Provider(name))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server.provider
    finally:
        server.provider.release.set()
        server.shutdown()
        server.server_close()


def reset(connection: socket.socket) -> None:
    """Break a connection so that the other side sees a reset, not an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
