"""Why a run is refused."""

from huikuan.kernel.refusal import Refusal, gettext_noop


class RunInProgress(Refusal):
    """Two runs of one entity at once would take the same steps."""

    code = "runs.in-progress"
    text = gettext_noop(
        "A run of {entity} is in progress. Wait until it has finished; what it did will not be repeated."
    )


class DayAlreadyPassed(Refusal):
    """A later day has been run: what this day would have asked has been overtaken."""

    code = "runs.day-already-passed"
    text = gettext_noop(
        "{entity} has been run up to {latest}; {as_of} lies before it. Add --dry-run to see what that day would say."
    )


class DayTooFarAhead(Refusal):
    """Nobody knows yet what will have been paid by then."""

    code = "runs.day-too-far-ahead"
    text = gettext_noop("{as_of} lies in the future: a run may be at most one day ahead of today ({today}).")


class NoPolicyInForce(Refusal):
    """Without a policy nobody may be contacted."""

    code = "runs.no-policy"
    text = gettext_noop(
        "{entity} has no policy in force on {as_of}. Upload one: huikuan policy upload FILE --entity {entity}."
    )


class EngineUnknown(Refusal):
    """Only what is installed."""

    code = "runs.engine-unknown"
    text = gettext_noop("There is no engine “{engine}”. Use local.")
