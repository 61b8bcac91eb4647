"""The daily run (日终作业) and its chunks."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Run(models.Model):
    """The run of one entity for one day. Running the day again continues or repeats this row: twice is once."""

    class State(models.TextChoices):
        """Where the run stands."""

        RUNNING = "RUNNING", _("Running")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="runs")
    as_of = models.DateField()
    previous_on = models.DateField(null=True, help_text="Day of the entity's run before this one; null: the first.")
    policy_version = models.ForeignKey("policy.PolicyVersion", models.PROTECT, related_name="runs")
    engine = models.CharField(max_length=10, default="local")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    counts = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    aging = models.JSONField(default=dict, help_text="What was open, as runs.rules.snapshot says; {} until done.")
    shares = models.JSONField(default=dict, help_text="Whose customers had it open, as runs.rules.snapshot says.")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(name="run_one_per_entity_and_day", fields=["entity", "as_of"]),
            CheckConstraint(name="run_after_previous", condition=Q(previous_on=None) | Q(as_of__gt=F("previous_on"))),
        ]
        indexes = [Index(name="run_latest", fields=["entity", "-as_of"])]


class RunChunk(models.Model):
    """A range of customers of a run that commits on its own; a resumed run takes up the chunks not done."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    first_customer_id = models.BigIntegerField()
    last_customer_id = models.BigIntegerField()
    counts = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [UniqueConstraint(name="run_chunk_number", fields=["run", "number"])]
