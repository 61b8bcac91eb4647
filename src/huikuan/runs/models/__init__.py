"""Tables of the daily run."""

from huikuan.runs.models.decision import Decision
from huikuan.runs.models.item_step import ItemStep
from huikuan.runs.models.run import Run, RunChunk

__all__ = ["Decision", "ItemStep", "Run", "RunChunk"]
