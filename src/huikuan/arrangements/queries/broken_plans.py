"""Which customers broke an installment plan, and when: what costs them their grade. Source: domain.md §4."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

import polars as pl

from huikuan.credit.rules.grading import BROKEN_PLANS
from huikuan.storage.among import among
from huikuan.storage.bulk import Param, read_frame

# A plan that was taken up again, since its money had come in time after all, was not broken. One that was replaced by
# another was.
_BROKEN: Final = """
SELECT p.customer_id, max(c.as_of) AS plan_broken_on
  FROM arrangements_plan p JOIN arrangements_planchange c ON c.plan_id = p.id
 WHERE {whose} AND c.state = 'BROKEN' AND c.as_of <= %(as_of)s
   AND NOT EXISTS (SELECT 1 FROM arrangements_planchange n
                    WHERE n.plan_id = p.id AND n.id > c.id AND n.as_of <= %(as_of)s
                      AND n.state IN ('RUNNING', 'FULFILLED'))
 GROUP BY p.customer_id"""

_IN_RANGE: Final = "p.entity_id = %(entity)s AND p.customer_id BETWEEN %(first)s AND %(last)s"


def broken_plans_in(params: Mapping[str, Param]) -> pl.DataFrame:
    """Return `BROKEN_PLANS` as of the day, of the customers of an `entity` from `first` to `last`."""
    return read_frame(_BROKEN.format(whose=_IN_RANGE), params, BROKEN_PLANS)


def broken_plans_of(customer_ids: Collection[int], *, as_of: date) -> pl.DataFrame:
    """Return `BROKEN_PLANS` as of the day, of these customers."""
    of_these, params = among("p.customer_id", "customers", sorted(customer_ids))
    return read_frame(_BROKEN.format(whose=of_these), {**params, "as_of": as_of}, BROKEN_PLANS)
