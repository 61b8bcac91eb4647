"""A recorded call of the portfolio's customer, and visits: one planned, one under way with a photo."""

from huikuan.outreach.commands.recording import Recording, keep_recording

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(64)


def make_fieldwork(portfolio, owner, colleague, *, now) -> dict[str, int]:
    """Return the keys that addresses name."""
    call = portfolio.customer.contacts.get(outcome="PROMISED")
    keep_recording(contact_id=call.pk, recording=Recording(WAV, "call.wav", "audio/wav"), actor=owner, now=now)
    return {"recorded": call.pk}
