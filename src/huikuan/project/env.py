"""Settings from the environment that fail loudly: a bad value stops the start with its name and the remedy."""

import os
import secrets
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from platformdirs import user_data_path


def text(name: str, default: str = "") -> str:
    """Return the variable, or `default` when unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """Return a yes/no variable. Raises ImproperlyConfigured on anything but 1/0, true/false, yes/no."""
    raw = text(name).lower()
    if not raw:
        return default
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    message = f"{name}={raw!r} is neither yes nor no. Set it to 1 or 0, or leave it out."
    raise ImproperlyConfigured(message)


def whole(name: str, *, default: int, least: int = 0) -> int:
    """Return a whole number not below `least`. Raises ImproperlyConfigured otherwise."""
    raw = text(name)
    if not raw:
        return default
    if not raw.lstrip("-").isdigit() or int(raw) < least:
        message = f"{name}={raw!r} is not a whole number of at least {least}. Correct it or leave it out."
        raise ImproperlyConfigured(message)
    return int(raw)


def choice(name: str, offered: list[str]) -> str:
    """Return one of what is offered, "" when unset. Raises ImproperlyConfigured on anything else."""
    raw = text(name).lower()
    if raw and raw not in offered:
        message = f"{name}={raw!r} is not offered. Use {', '.join(offered)}, or leave it out."
        raise ImproperlyConfigured(message)
    return raw


def demand(names: str, *, prefix: str, why: str) -> None:
    """Stop the start when one of the named variables is not set. Raises ImproperlyConfigured."""
    missing = [f"{prefix}{name}" for name in names.split() if not text(f"{prefix}{name}")]
    if missing:
        message = f"{why}, but {', '.join(missing)} is not set. Set it."
        raise ImproperlyConfigured(message)


def bots(name: str, *, kinds: list[str]) -> dict[str, dict[str, str]]:
    """Return robots by entity code: “MAIN=feishu,https://…,secret”, parted by blanks. Raises ImproperlyConfigured."""
    found = {}
    for each in text(name).split():
        code, _, told = each.partition("=")
        kind, _, rest = told.partition(",")
        url, _, secret = rest.partition(",")
        if not code or kind not in kinds or not url.startswith(("https://", "http://127.0.0.1")):
            message = f"{name}: {code}=… is unreadable. Write ENTITY=kind,https://address,secret; kinds: {kinds}."
            raise ImproperlyConfigured(message)
        found[code] = {"kind": kind, "url": url, "secret": secret}
    return found


def words(name: str, *, default: list[str]) -> list[str]:
    """Return a comma-separated list without empty parts."""
    raw = text(name)
    return [part.strip() for part in raw.split(",") if part.strip()] if raw else default


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Return comma-separated networks or single addresses. Raises ImproperlyConfigured on anything else.

    A network that is the whole Internet is refused: then everybody could say who he is.
    """
    found = []
    for part in words(name, default=[]):
        try:
            network = ip_network(part)
        except ValueError as error:
            message = f"{name}: {part!r} is no network ({error}). Write 10.0.0.0/8 or 192.0.2.7, parted by commas."
            raise ImproperlyConfigured(message) from None
        if network.prefixlen == 0:
            message = f"{name}: {part!r} is the whole Internet: anybody could pretend to be anybody. Name your proxies."
            raise ImproperlyConfigured(message)
        found.append(network)
    return found


def home() -> Path:
    """Return the folder of the embedded database and files, made on first use (HUIKUAN_HOME)."""
    folder = Path(text("HUIKUAN_HOME") or user_data_path("huikuan", appauthor=False)).expanduser()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"HUIKUAN_HOME={folder} cannot be made: {error}. Point it to a folder you may write to."
        raise ImproperlyConfigured(message) from error
    return folder


def secret_key(folder: Path, *, embedded: bool) -> str:
    """Return the signing key: from HUIKUAN_SECRET_KEY, or, embedded only, one made once and kept in the home folder."""
    given = text("HUIKUAN_SECRET_KEY")
    if given:
        return given
    if not embedded:
        message = (
            "HUIKUAN_SECRET_KEY is not set. With a database server every process must share one key: "
            "set it to a long random text, the same for web, worker and scheduler."
        )
        raise ImproperlyConfigured(message)
    kept = folder / "secret-key"
    try:
        with kept.open("x", encoding="ascii") as file:
            kept.chmod(0o600)
            file.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    return kept.read_text(encoding="ascii")
