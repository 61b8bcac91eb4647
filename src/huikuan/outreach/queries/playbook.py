"""The objection playbook, as a caller reads it."""

from functools import cache

from huikuan.outreach.rules.playbook import Objection, parse_playbook
from huikuan.outreach.templates import FOLDER, offered


@cache
def answers(language: str) -> tuple[Objection, ...]:
    """Return every objection with its answer, in the fixed order; a language that is not offered reads English."""
    code = offered(language)
    return parse_playbook(f"{code}/playbook.toml", (FOLDER / code / "playbook.toml").read_text(encoding="utf-8"))
