"""`huikuan template`: the texts of an entity, checked, taken out and brought back."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import MAIN, ensure_home
from huikuan.cli.lookup import entity_by_code
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.commands.texts_file import (
    TextsFileUnreadable,
    check_texts,
    export_texts,
    import_texts,
    texts_of,
)
from huikuan.outreach.templates import LibraryText, TemplateUnknown
from huikuan.parties.models import Entity, User
from huikuan.parties.queries import may
from huikuan.parties.rules.rights import Action


class AuthorUnknown(Refusal):
    """Nobody by that name may write texts here."""

    code = "cli.author-unknown"
    text = gettext_noop("{user} may not write texts of {entity}. Name a manager or an administrator with --user.")


entity_option = click.option(
    "--entity", "entity_code", default=MAIN, show_default=True, metavar="CODE", help=_("The creditor.")
)
json_option = click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def template() -> None:
    """Message texts and scripts: list and show them, check a file, take them out and bring them back."""


@template.command("list")
@entity_option
@json_option
@refusals_shown
def list_(*, entity_code: str, as_json: bool) -> None:
    """List every text in use: kind, channel, language, for whom, version (0: shipped)."""
    texts = texts_of(_entity(entity_code).pk)
    if as_json:
        rows = [{key: value for key, value in _row(text).items() if key not in {"subject", "body"}} for text in texts]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for text in texts:
        click.echo(f"{text.facts['template_place']:<48} {text.number:>3}  {text.subject}".rstrip())


@template.command()
@click.argument("kind")
@click.option("--channel", default="EMAIL", show_default=True, help=_("EMAIL, SMS, PHONE or VISIT."))
@click.option("--language", default="zh-hans", show_default=True, help=_("zh-hans or en."))
@entity_option
@json_option
@refusals_shown
def show(*, kind: str, channel: str, language: str, entity_code: str, as_json: bool) -> None:
    """Print the texts in use of a KIND, with their placeholders."""
    wanted = (kind, channel.upper(), language)
    texts = texts_of(_entity(entity_code).pk)
    found = [text for text in texts if (text.kind, text.channel, text.language) == wanted]
    if not found:
        raise TemplateUnknown(template="/".join(wanted), known=", ".join(sorted({text.kind for text in texts})))
    if as_json:
        click.echo(json.dumps([_row(text) for text in found], ensure_ascii=False))
        return
    for text in found:
        click.echo(f"# {text.facts['template_place']} · {text.number}")
        click.echo(f"{text.subject}\n---\n{text.body}\n" if text.subject else f"{text.body}\n")


@template.command()
@file_argument
@entity_option
@json_option
@refusals_shown
def check(*, file: Path, entity_code: str, as_json: bool) -> None:
    """Check a FILE of texts: status 0 when all can be used, 1 with every flaw otherwise. Nothing is stored."""
    checked = check_texts(entity_id=_entity(entity_code).pk, document=_document(file), now=timezone.now())
    rows = [
        {
            "place": f"{each.place.kind}/{each.place.channel}/{each.place.language}",
            "line": flaw.line,
            "message": _(flaw.text).format(**flaw.facts),
        }
        for each in checked
        for flaw in each.flaws
    ]
    if as_json:
        click.echo(json.dumps({"ok": not rows, "texts": len(checked), "flaws": rows}, ensure_ascii=False))
    for row in [] if as_json else rows:
        click.echo(f"{row['place']}:{'' if row['line'] is None else row['line']}: {row['message']}")
    if not rows and not as_json:
        click.echo(_("All {count} texts can be used.").format(count=len(checked)))
    sys.exit(1 if rows else 0)


@template.command("export")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=_("Write to this file."))
@entity_option
@refusals_shown
def export_(*, out: Path | None, entity_code: str) -> None:
    """Print every text in use as one JSON document, or write it to a file."""
    words = json.dumps(export_texts(_entity(entity_code).pk), ensure_ascii=False, indent=1) + "\n"
    if out is None:
        click.echo(words, nl=False)
    else:
        out.write_text(words, encoding="utf-8")


@template.command("import")
@file_argument
@click.option("--user", "username", required=True, help=_("Who wrote the changes; somebody else approves them."))
@click.option("--note", default="", help=_("What was changed and why."))
@entity_option
@json_option
@refusals_shown
def import_(*, file: Path, username: str, note: str, entity_code: str, as_json: bool) -> None:
    """Draft every text of a FILE that differs from the one in use. Each waits for approval on the page Texts."""
    entity = _entity(entity_code)
    drafted = import_texts(
        entity_id=entity.pk, document=_document(file), actor=_author(username, entity), now=timezone.now(), note=note
    )
    if as_json:
        rows = [{"kind": each.slot.kind, "channel": each.slot.channel, "language": each.slot.language,
                 "version": each.number} for each in drafted]  # fmt: skip
        click.echo(json.dumps({"drafted": rows}, ensure_ascii=False))
        return
    click.echo(_("{count} new versions wait for approval.").format(count=len(drafted)))


def _entity(code: str) -> Entity:
    ensure_home()
    return entity_by_code(code)


def _author(username: str, entity: Entity) -> User:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None or not may(user, Action.WORDS, entity):
        raise AuthorUnknown(user=username, entity=entity.code)
    return user


def _document(file: Path) -> object:
    try:
        document: object = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise TextsFileUnreadable(format=1, why=str(error)) from error
    return document


def _row(text: LibraryText) -> dict[str, Any]:
    variant = text.variant
    return {
        "kind": text.kind, "channel": text.channel, "language": text.language, "tone": variant.tone,
        "industry": variant.industry, "grade": variant.grade, "is_long_term": variant.is_long_term,
        "version": text.number, "subject": text.subject, "body": text.body,
    }  # fmt: skip
