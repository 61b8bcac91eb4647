"""Users, teams, and the role that a user has in an entity."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import UniqueConstraint
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person who signs in. What he may see comes from his memberships, never from this row alone."""

    display_name = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    time_zone = models.CharField(max_length=50, default="Asia/Shanghai")

    def __str__(self) -> str:
        return self.display_name or self.username


class Role(models.TextChoices):
    """What a user does in an entity (Q1). A collector sees own customers, a manager the team, the rest the entity."""

    COLLECTOR = "COLLECTOR", _("Collector")
    MANAGER = "MANAGER", _("Collections manager")
    FINANCE = "FINANCE", _("Finance")
    AUDITOR = "AUDITOR", _("Auditor")
    ADMINISTRATOR = "ADMINISTRATOR", _("Administrator")


class Team(models.Model):
    """A group of collectors under one or more managers."""

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="teams")
    name = models.CharField(max_length=80)

    class Meta:
        constraints = [UniqueConstraint(name="team_name_in_entity", fields=["entity", "name"])]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One user's role in one entity; at most one per pair."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [UniqueConstraint(name="membership_one_per_entity", fields=["user", "entity"])]
