"""The shape of a policy file: JSON Schema, with answers that people can act on."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from huikuan.kernel.refusal import gettext_noop
from huikuan.policy.reading.document import Document
from huikuan.policy.reading.flaws import Flaw, Path, nearest

UNKNOWN_NEAR: Final = gettext_noop("“{key}” is not a field here. Did you mean “{near}”?")
UNKNOWN: Final = gettext_noop("“{key}” is not a field here. Fields here: {known}.")
WRONG_NAME_NEAR: Final = gettext_noop("“{key}” is not a name for this place. Did you mean “{near}”?")
WRONG_NAME: Final = gettext_noop("“{key}” is not a name for this place. Names here: {known}.")
BAD_NAME: Final = gettext_noop("“{key}” cannot be a name here. Write {wanted}.")
MISSING: Final = gettext_noop("The field “{key}” is missing here. Add it.")
CHOICE_NEAR: Final = gettext_noop("“{value}” is not one of the choices. Did you mean “{near}”?")
CHOICE: Final = gettext_noop("“{value}” is not one of the choices. Write one of: {known}.")
WANTED: Final = gettext_noop("“{value}” does not fit here. Write {wanted}.")
EMPTY_FILE: Final = gettext_noop("The file is empty. Start from the default pack: huikuan policy show --default.")

TYPES: Final = {
    "object": "fields, each as “name: value”",
    "array": "a list in [ ], or lines that begin with -",
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}


@cache
def schema(name: str) -> dict[str, Any]:
    """Return a shipped JSON Schema: "policy" or "guard"."""
    text = files("huikuan.policy.packs").joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name))


def shape_flaws(document: Document, name: str) -> list[Flaw]:
    """Return what in the document does not fit the schema of that name, in order of place."""
    if document.data is None:
        return [Flaw("file.empty", (1, 1), (), None, EMPTY_FILE, {})]
    found = [flaw for error in _validator(name).iter_errors(document.data) for flaw in _flaws(error, document)]
    return sorted(found, key=lambda flaw: flaw.place)


def _flaws(error: ValidationError, document: Document) -> Iterator[Flaw]:
    path: Path = tuple(error.absolute_path)
    kind = str(error.validator)
    if kind == "additionalProperties" and isinstance(error.schema, dict):
        yield from _unknown_fields(error, path, document)
    elif kind == "required":
        for key in error.validator_value:
            if isinstance(error.instance, dict) and key not in error.instance:
                yield Flaw("field.missing", document.place(path), (*path, key), None, MISSING, {"key": key})
    elif "propertyNames" in list(error.absolute_schema_path)[:-1]:
        yield _bad_name(error, path, document)
    elif kind in {"enum", "const"}:
        yield _bad_choice(error, path, document)
    else:
        facts = {"value": shown(error.instance), "wanted": _wanted(error)}
        yield Flaw("value.wrong", document.place(path), path, error.instance, WANTED, facts)


def _unknown_fields(error: ValidationError, path: Path, document: Document) -> Iterator[Flaw]:
    known = list(error.schema.get("properties", {}))
    for key in error.instance:
        if key in known:
            continue
        near = nearest(key, known)
        facts = {"key": key, "near": near, "known": ", ".join(known)}
        text = UNKNOWN_NEAR if near else UNKNOWN
        yield Flaw("field.unknown", document.key_place((*path, key)), (*path, key), key, text, facts)


def _bad_name(error: ValidationError, path: Path, document: Document) -> Flaw:
    """Say what a key that is free to choose (a code, a currency, a grade) may look like."""
    key = str(error.instance)
    place = document.key_place((*path, key))
    if error.validator == "enum":
        known = [str(each) for each in error.validator_value]
        near = nearest(key, known)
        facts = {"key": key, "near": near, "known": ", ".join(known)}
        return Flaw("name.unknown", place, (*path, key), key, WRONG_NAME_NEAR if near else WRONG_NAME, facts)
    wanted = error.schema.get("x-say", "three capitals such as CNY") if isinstance(error.schema, dict) else ""
    return Flaw("name.wrong", place, (*path, key), key, BAD_NAME, {"key": key, "wanted": wanted})


def _bad_choice(error: ValidationError, path: Path, document: Document) -> Flaw:
    allowed = error.validator_value if error.validator == "enum" else [error.validator_value]
    known = [shown(each) for each in allowed]
    near = nearest(str(error.instance), known) if isinstance(error.instance, str) else ""
    facts = {"value": shown(error.instance), "near": near, "known": ", ".join(known)}
    text = CHOICE_NEAR if near else CHOICE
    return Flaw("value.unknown", document.place(path), path, error.instance, text, facts)


def _wanted(error: ValidationError) -> str:
    """Return what to write instead, in words."""
    said = error.schema.get("x-say") if isinstance(error.schema, dict) else None
    if said:
        return str(said)
    limit = error.validator_value
    if error.validator == "type":
        return " or ".join(TYPES[each] for each in ([limit] if isinstance(limit, str) else limit))
    words = {
        "minItems": f"at least {limit} of them",
        "maxItems": f"at most {limit} of them",
        "minProperties": f"at least {limit} field",
        "maxProperties": f"only {limit} of these fields",
        "uniqueItems": "each value once",
        "minLength": "some text",
        "maxLength": f"at most {limit} characters",
        "minimum": f"a number not below {limit}",
        "maximum": f"a number not above {limit}",
    }
    return words.get(str(error.validator), "a value as in the default pack")


def shown(value: object) -> str:
    """Return the value as it would stand in the file, shortened."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"  # noqa: PLR2004  a line of a terminal
