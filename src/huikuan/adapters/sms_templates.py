"""Approved text messages: Chinese carriers send only texts that the provider has approved, with holes to be filled.

The file lists each approved text with its code. A message is sent by the approved text that says exactly its words: the
contact guard judged those words, and no others may reach the customer. What no approved text says is not sent.

    signatures: {华泰建材有限公司: 华泰建材}
    templates:
      - code: SMS_123456789
        text: 您有${count}笔货款共${amount}已到期，请付至${account}。

Aliyun names its holes `${name}`, Tencent numbers them `{1}`, `{2}` …
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

_SIGNED: Final = re.compile(r"【([^】]*)】(.*)", re.DOTALL)


class TemplatesUnreadableError(ValueError):
    """The file of approved texts cannot be used; the message says where and why."""


class NotApprovedError(LookupError):
    """Nothing that is approved says these words."""


@dataclass(frozen=True, slots=True)
class Approved:
    """One approved text; `holes` in the order of their first occurrence."""

    code: str
    holes: tuple[str, ...]
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Filled:
    """An approved text with what fills its holes: together they say the message."""

    code: str
    signature: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class ApprovedTexts:
    """Everything that is approved for one provider."""

    where: str
    signatures: Mapping[str, str]
    texts: tuple[Approved, ...]

    def filled(self, message: str) -> Filled:
        """Return the approved text that says a message. Raises NotApprovedError."""
        signed = _SIGNED.fullmatch(message)
        if signed is None:
            error = f"SMS_UNSIGNED: a text message begins with 【…】: {message[:40]}"
            raise NotApprovedError(error)
        name, words = signed[1], signed[2].strip()
        if name not in self.signatures:
            error = f"SMS_SIGNATURE_NOT_APPROVED: 【{name}】 is not in {self.where}: add it under “signatures”"
            raise NotApprovedError(error)
        for text in self.texts:
            if (found := text.pattern.fullmatch(words)) is not None:
                values = {hole: found[f"h{number}"] for number, hole in enumerate(text.holes)}
                return Filled(text.code, self.signatures[name], values)
        error = f"SMS_TEXT_NOT_APPROVED: no text in {self.where} says: {words[:120]}"
        raise NotApprovedError(error)


def read_approved(path: Path, hole: re.Pattern[str]) -> ApprovedTexts:
    """Read the file. `hole`: how the provider writes a hole, its name in group 1. Raises TemplatesUnreadableError."""
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        message = f"{path}: {error}"
        raise TemplatesUnreadableError(message) from error
    if not isinstance(told, dict) or told.keys() - {"signatures", "templates"}:
        message = f"{path}: write “signatures” and “templates”, nothing else"
        raise TemplatesUnreadableError(message)
    signatures = told.get("signatures") or {}
    if not isinstance(signatures, dict) or not all(
        isinstance(word, str) for word in [*signatures, *signatures.values()]
    ):
        message = f"{path}: “signatures” gives each name in 【…】 its approved signature"
        raise TemplatesUnreadableError(message)
    texts = tuple(_text(each, f"{path}, template {n}", hole) for n, each in enumerate(told.get("templates") or [], 1))
    return ApprovedTexts(str(path), signatures, texts)


def _text(told: Any, where: str, hole: re.Pattern[str]) -> Approved:  # noqa: ANN401  whatever the YAML holds
    if not isinstance(told, dict) or told.keys() != {"code", "text"}:
        message = f"{where}: write “code” and “text”"
        raise TemplatesUnreadableError(message)
    words = str(told["text"]).strip()
    names: list[str] = []
    pattern, position = "", 0
    for found in hole.finditer(words):
        between = words[position : found.start()]
        if not between and position:
            message = f"{where}: two holes stand side by side, nobody could tell where one ends"
            raise TemplatesUnreadableError(message)
        pattern += re.escape(between)
        if found[1] in names:
            pattern += f"(?P=h{names.index(found[1])})"
        else:
            pattern += f"(?P<h{len(names)}>.+?)"
            names.append(found[1])
        position = found.end()
    return Approved(str(told["code"]), tuple(names), re.compile(pattern + re.escape(words[position:]), re.DOTALL))
