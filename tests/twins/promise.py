"""Promises judged coin by coin: slow, and plain enough to be believed.

Every coin (one minor unit) of every receipt is offered, the oldest coin first, to the promise that was made first and,
in it, to the part that is due first. Late coins are offered afterwards, only to say when a part was complete.
"""

from datetime import date


def judged(promises: list[dict], receipts: list[dict], *, as_of: date) -> list[dict]:
    """Judge.

    Args:
        promises: made_on, items (a set; empty: any), parts [(due_on, last_on, minor)], in the order they were made.
        receipts: id, received_on, lines {item or None (on account): minor}.
        as_of: The day.

    Returns: per promise its state and [(state, counted, paid_on)] of the parts.
    """
    coins = [
        {"on": each["received_on"], "id": each["id"], "item": item, "is_spent": False}
        for each in sorted(receipts, key=lambda each: (each["received_on"], each["id"]))
        if each["received_on"] <= as_of
        for item, minor in each["lines"].items()
        for _ in range(minor)
    ]
    found = []
    for promise in promises:
        parts = [_fill(promise, part, coins, late=False) for part in promise["parts"]]
        found.append((promise, parts))
    return [_told(promise, parts, coins, as_of) for promise, parts in found]


def _fill(promise: dict, part: tuple, coins: list[dict], *, late: bool, missing: int | None = None) -> tuple:
    _due_on, last_on, minor = part
    wanted = minor if missing is None else missing
    got, complete_on = 0, None
    for coin in coins:
        may_count = not promise["items"] or coin["item"] is None or coin["item"] in promise["items"]
        in_time = promise["made_on"] <= coin["on"] and (late or coin["on"] <= last_on)
        if got < wanted and may_count and in_time and not coin["is_spent"]:
            coin["is_spent"] = True
            got += 1
            complete_on = coin["on"]
    return got, complete_on if got == wanted else None


def _told(promise: dict, filled: list[tuple], coins: list[dict], as_of: date) -> dict:
    parts = []
    for part, (got, complete_on) in zip(promise["parts"], filled, strict=True):
        _due_on, last_on, minor = part
        if got == minor:
            parts.append(("KEPT", got, complete_on))
        elif as_of <= last_on:
            parts.append(("RUNNING", got, None))
        else:
            _, late_on = _fill(promise, part, coins, late=True, missing=minor - got)
            parts.append(("PARTLY" if got * 2 >= minor else "BROKEN", got, late_on))
    states = [state for state, _, _ in parts]
    if "BROKEN" in states:
        state = "BROKEN"
    elif "RUNNING" in states:
        state = "RUNNING"
    else:
        state = "PARTLY" if "PARTLY" in states else "KEPT"
    return {"state": state, "parts": parts}
