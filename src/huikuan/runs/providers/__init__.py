"""Facts for messages that no run decided: one file per noun, found by its `PROVIDES`.

To let a message speak of a new thing: give its kind a line in `outreach.rules.kinds`, write its texts, and add a file
here with a function from delivery and speech to `Told` (or `Pointless` when there is nothing to say any more, or
`Later`), listed in `PROVIDES` by the kind's code::

    PROVIDES: Final = {"plan_confirmation": confirmation}

A provider gives the words and tables of its kind, never those of `kinds.AROUND`, which the composer adds; it runs
inside the sending transaction with the customer locked, and reads what is true at that moment.
"""
