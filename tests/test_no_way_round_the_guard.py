"""Nothing leaves without having been asked: every place that sends, or that writes an outgoing contact, is known here.

A new place fails these tests. Ask the guard there (`ports.guard().ask` under the locks of customer and address), keep
what it refuses (`outreach.commands.refusals.keep_refusal`), and add a line that says where it asks.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1] / "src" / "huikuan"

ASKS = "asks the guard"
LOGS = {
    "outreach/commands/contact.py": ASKS,
    "outreach/commands/sending.py": ASKS,
    "outreach/commands/posting.py": ASKS,
}
"""Modules that write rows of the contact log, and why that is no way round."""
HARMLESS = {
    "demo/": "tells a past that never happened, to nobody",
    "bench/": "tells a past that never happened, to nobody",
}
SENDS = {
    "outreach/worker.py": "hands over only what `sending.hand_over` returned",
    "outreach/jobs.py": "asks back about what was handed over, sends nothing",
}
"""Modules that call a channel."""


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """Return the modules that name a contact, a channel or a question: the others need no reading."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(ROOT.rglob("*.py"))}
    return tuple(
        (path.relative_to(ROOT).as_posix(), ast.parse(text))
        for path, text in texts.items()
        if any(word in text for word in ("Contact.objects", "Contact(", "channel(", "ask("))
    )


def called(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def writes_contacts(call: ast.Call) -> bool:
    """Tell whether the call makes rows of the contact log: Contact(…), insert(Contact, …), objects.create(…) …"""
    words = ast.unparse(call.func)
    if words == "insert":
        return ast.unparse(call.args[0]) == "Contact"
    if words == "Contact":
        return any(keyword.arg == "direction" for keyword in call.keywords)
    return words.split("(")[0] in {
        f"Contact.objects.{verb}" for verb in ("create", "bulk_create", "get_or_create", "update_or_create")
    }


def directions(call: ast.Call) -> str:
    return next((ast.unparse(keyword.value) for keyword in call.keywords if keyword.arg == "direction"), "")


def test_every_outgoing_contact_is_logged_where_the_guard_was_asked():
    found = {}
    for name, tree in modules():
        calls = [call for call in called(tree) if writes_contacts(call)]
        if any("IN" not in directions(call).rsplit(".", 1)[-1].strip("'\"").split("_") for call in calls):
            found[name] = tree
    known = {name for name in found if name in LOGS or name.startswith(tuple(HARMLESS))}
    assert set(found) == known
    for name in LOGS:
        text = ast.unparse(found[name])
        assert "ports.guard" in text or "guard.ask" in text, f"{name} {ASKS}"
        assert "keep_refusal" in text, f"{name} keeps what the guard refuses"


def test_a_channel_is_called_only_with_what_was_handed_over():
    users = {
        name
        for name, tree in modules()
        for call in called(tree)
        if ast.unparse(call.func) in {"ports.channel", "channel"} and not name.startswith("outreach/ports.py")
    }
    assert users == set(SENDS)


def test_only_the_gate_asks_the_rules():
    """The rules are asked by one class; everybody else asks the class through the port."""
    askers = {
        name
        for name, tree in modules()
        for call in called(tree)
        if ast.unparse(call.func) in {"guard.ask", "ask"} and name.startswith(("runs/", "desk/", "portal/", "api/"))
    }
    assert askers == {"runs/gate.py"}


def test_a_message_is_frozen_only_when_allowed_and_handed_over_only_when_frozen():
    """The one way to a message that may leave: the answer Allow makes `_allowed` return warnings, then it is frozen."""
    tree = ast.parse((ROOT / "outreach/commands/sending.py").read_text(encoding="utf-8"))
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    freezers = [
        name for name, node in functions.items() for call in called(node) if ast.unparse(call.func) == "_freeze"
    ]
    assert freezers == ["write"]
    guarded = next(
        node for node in ast.walk(functions["write"]) if isinstance(node, ast.If) and "_freeze" in ast.unparse(node)
    )
    assert ast.unparse(guarded.test) == "warnings is not None"
    assert "warnings = _allowed(" in ast.unparse(functions["write"])
    assert ast.unparse(functions["_allowed"].body[-1]) == "return None"
    match = next(node for node in ast.walk(functions["_allowed"]) if isinstance(node, ast.Match))
    for case in match.cases:
        returns = any(isinstance(node, ast.Return) for line in case.body for node in ast.walk(line))
        assert returns == ("Allow" in ast.unparse(case.pattern))
    assert "written_at = %(written_at)s" in ast.unparse(tree), "only what is written is handed over"
