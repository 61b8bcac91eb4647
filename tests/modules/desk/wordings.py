"""Texts of Huatai's own in every state, written by its administrator and approved by the colleague."""

from huikuan.outreach.commands.templates import Place, approve_text, draft_text
from huikuan.outreach.rules.choice import Variant
from huikuan.outreach.templates import shipped
from huikuan.parties.models import Entity, Role, User
from tests.people import a_member

FRIENDLY = Place("friendly", "EMAIL", "zh-hans", Variant("FRIENDLY"))
TEXT = shipped("friendly", "EMAIL", "zh-hans")[0]
BODY = TEXT.body.replace("您好！", "您好，打扰了！")


def make_texts(entity: Entity, approver: User, *, now) -> dict[str, int]:
    """Return the rows that addresses name: an older version, the one in use, one that waits, and their slot."""
    author = a_member("zhou.author", "周作", Role.ADMINISTRATOR, entity)

    def drafted(body: str) -> int:
        return draft_text(
            entity_id=entity.pk, place=FRIENDLY, subject=TEXT.subject, body=body, actor=author, now=now
        ).pk  # fmt: skip

    first = drafted(BODY)
    approve_text(version_id=first, actor=approver, now=now)
    used = approve_text(version_id=drafted(f"{BODY}\n谢谢。"), actor=approver, now=now)
    return {"older_text": first, "used_text": used.pk, "draft_text": drafted(f"{BODY}\n再谢。"), "slot": used.slot_id}
