"""A small IMAP server on loopback: LOGIN, ID, SELECT, EXAMINE, UID SEARCH, FETCH, STORE, COPY, MOVE, EXPUNGE, LOGOUT.

It speaks enough of RFC 3501 for a client that reads, and keeps a list of what was asked.
"""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

USER, PASSWORD = "dunning@huatai.example", "open sesame"
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass
class Stored:
    """One message in the folder."""

    uid: int
    content: bytes
    arrived_on: date
    flags: set[str] = field(default_factory=set)


@dataclass
class ImapServer:
    """The mailbox and how the server behaves."""

    messages: list[Stored] = field(default_factory=list)
    moved: dict[str, list[bytes]] = field(default_factory=dict)
    uid_validity: int = 7
    capabilities: str = "IMAP4rev1 ID MOVE UIDPLUS"
    asked: list[str] = field(default_factory=list)
    drop_after: int = 0
    """Break the line after so many FETCHes of a body."""
    wants_id: bool = False
    next_uid: int = 1
    port: int = 0
    fetched: int = 0

    def put(self, content: bytes, arrived_on: date | None = None) -> int:
        """Deliver a message; return its number."""
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.messages.append(Stored(uid, content, arrived_on or datetime.now().astimezone().date()))
        return uid

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold one conversation."""
        said_id = not self.wants_id
        writer.write(b"* OK ready\r\n")
        try:
            while line := await reader.readline():
                tag, _, rest = line.decode().strip().partition(" ")
                self.asked.append(rest)
                verb = rest.split(" ")[0].upper()
                said_id = said_id or verb == "ID"
                if verb in {"SELECT", "EXAMINE"} and not said_id:
                    writer.write(f"{tag} NO Unsafe Login. Please contact kefu@188.com for help\r\n".encode())
                elif not self.answer(writer, tag, verb, rest):
                    break
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def answer(self, writer: asyncio.StreamWriter, tag: str, verb: str, rest: str) -> bool:
        """Answer one command; False ends the conversation."""
        done = f"{tag} OK done\r\n"
        match verb:
            case "CAPABILITY":
                writer.write(f"* CAPABILITY {self.capabilities}\r\n{done}".encode())
            case "LOGIN":
                is_known = USER in rest and PASSWORD in rest
                writer.write((done if is_known else f"{tag} NO [AUTHENTICATIONFAILED] no\r\n").encode())
            case "SELECT" | "EXAMINE":
                if '"INBOX"' not in rest:
                    writer.write(f"{tag} NO no such folder\r\n".encode())
                else:
                    facts = f"* {len(self.messages)} EXISTS\r\n* OK [UIDVALIDITY {self.uid_validity}] numbers\r\n"
                    mode = "READ-WRITE" if verb == "SELECT" else "READ-ONLY"
                    writer.write(f"{facts}{tag} OK [{mode}] open\r\n".encode())
            case "UID":
                return self.by_uid(writer, tag, rest[4:])
            case "LOGOUT":
                writer.write(f"* BYE\r\n{done}".encode())
                return False
            case _:
                writer.write(done.encode())
        return True

    def by_uid(self, writer: asyncio.StreamWriter, tag: str, rest: str) -> bool:
        verb, _, arguments = rest.partition(" ")
        done = f"{tag} OK done\r\n".encode()
        match verb.upper():
            case "SEARCH":
                first = int(re.search(r"UID (\d+):\*", arguments)[1])
                since = re.search(r"SINCE (\d+)-(\w+)-(\d+)", arguments)
                from_day = date(int(since[3]), MONTHS.index(since[2]) + 1, int(since[1])) if since else date.min
                found = [each.uid for each in self.messages if each.uid >= first and each.arrived_on >= from_day]
                if not found and self.messages and not since:
                    found = [self.messages[-1].uid]  # RFC 3501: * names the last, also where that is below the first
                writer.write(f"* SEARCH {' '.join(map(str, found))}\r\n".encode() + done)
            case "FETCH":
                return self.fetch(writer, done, arguments)
            case "STORE":
                self.find(int(arguments.split()[0])).flags.add("\\Deleted")
                writer.write(done)
            case "COPY" | "MOVE":
                uid, folder = arguments.split(" ", 1)
                self.moved.setdefault(folder, []).append(self.find(int(uid)).content)
                if verb.upper() == "MOVE":
                    self.messages.remove(self.find(int(uid)))
                writer.write(done)
            case "EXPUNGE":
                self.messages = [each for each in self.messages if "\\Deleted" not in each.flags]
                writer.write(done)
            case _:
                writer.write(f"{tag} BAD what?\r\n".encode())
        return True

    def fetch(self, writer: asyncio.StreamWriter, done: bytes, arguments: str) -> bool:
        uid, _, what = arguments.partition(" ")
        stored = self.find(int(uid))
        if stored is None:
            writer.write(done)
        elif "RFC822.SIZE" in what:
            writer.write(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(stored.content)})\r\n".encode() + done)
        else:
            if self.drop_after and self.fetched >= self.drop_after:
                return False
            self.fetched += 1
            part = re.search(r"<0\.(\d+)>", what)
            content = stored.content[: int(part[1])] if part else stored.content
            name = b"BODY[]<0>" if part else b"BODY[]"
            writer.write(b"* 1 FETCH (UID %s %s {%d}\r\n" % (uid.encode(), name, len(content)))
            writer.write(content + b")\r\n" + done)
        return True

    def find(self, uid: int) -> Stored | None:
        return next((each for each in self.messages if each.uid == uid), None)


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    """Run a server in a thread of its own."""
    server, started, stop = ImapServer(), threading.Event(), threading.Event()

    async def live() -> None:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=2**26)
        server.port = listening.sockets[0].getsockname()[1]
        started.set()
        await asyncio.to_thread(stop.wait)
        listening.close()
        await listening.wait_closed()

    thread = threading.Thread(target=lambda: asyncio.run(live()), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield server
    finally:
        stop.set()
        thread.join(5)
