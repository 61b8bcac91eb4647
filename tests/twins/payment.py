"""Which item gets how much of a payment: cent by cent, as slow as it likes."""


def share_out(asked, still_open):
    """Hand out one minor unit after the other, in the order of the payer's choice."""
    left, given = dict(still_open), {}
    for item_id, minor in asked:
        for _cent in range(minor):
            if left.get(item_id, 0) > 0:
                left[item_id] -= 1
                given[item_id] = given.get(item_id, 0) + 1
    return given
