"""When it may be seen that a message was opened: of companies; of a person only with his consent (PIPL, GDPR)."""

from typing import Final

NATURAL_PERSON: Final = "PERSON"


def may_track(*, size_class: str, has_person: bool, has_consent: bool) -> bool:
    """Tell whether the opening of a message may be noted.

    Args:
        size_class: Of the customer; a natural person is never tracked.
        has_person: It goes to a named person rather than to the company's own mailbox.
        has_consent: That person agreed (consent of the kind TRACKING).
    """
    return size_class != NATURAL_PERSON and (has_consent or not has_person)
