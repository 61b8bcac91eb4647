"""Every act that a customer's timeline shows has words: nobody reads codes."""

import ast

from huikuan.desk.queries.events import EVENTS
from huikuan.desk.queries.timeline import QUIET_EVENTS
from tests.test_tidy import SOURCES, tree_of


def recorded() -> set[str]:
    """Return the events that are recorded under a literal name, about one customer."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            about = {each.arg for each in node.keywords}
            if name == "record" and "customer_id" in about:
                found.add(node.args[0].value)
    return {event for event in found if not event.startswith(QUIET_EVENTS)}


def test_every_event_of_a_customer_has_words():
    assert recorded() - set(EVENTS) == set()
