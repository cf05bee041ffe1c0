"""What is worth saying about a configuration that can be used: at every start and in `doctor`."""

import os
import stat
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.config.reading import ENV_PREFIX
from bot.config.sections import Config
from bot.config.values import is_loopback

_BASES = ("api_base", "oauth_base", "ws_url")


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to say: `config.advice.<name>`."""

    name: str
    params: dict[str, object] = field(default_factory=dict)


def addresses(config: Config) -> Iterator[tuple[str, str]]:
    """Every address that secrets or people's data go to, with its key."""
    for name, section in (
        ("wecom", config.wecom),
        ("wecom_bot", config.wecom_bot),
        ("official_account", config.official_account),
    ):
        for key, value in section or ():
            if key in _BASES:
                yield f"{name}.{key}", str(value)
    if config.database.sqlite_path is None:
        yield "database.url", config.database.url


def hosts(config: Config) -> list[str]:
    """The hosts that the bot talks to, each once."""
    return list(dict.fromkeys(urlsplit(address).hostname or "" for _, address in addresses(config)))


def advice(config: Config, path: Path, official_hosts: frozenset[str]) -> list[Advice]:
    """Secrets that others may read, secrets that go to unusual hosts, addresses that only this machine reaches."""
    found = list(_open_secrets(config, path))
    for key, address in addresses(config):
        host = urlsplit(address).hostname or ""
        if key != "database.url" and host not in official_hosts:
            found.append(Advice("host", {"name": key, "host": host}))
    if config.wecom is not None and is_loopback(urlsplit(config.public_url).hostname):
        found.append(Advice("public_url", {"address": config.public_url}))
    if not config.access.administrators:
        found.append(Advice("no_administrator"))
    if config.official_account is not None and config.official_account.allow_plain:
        found.append(Advice("plain"))
    if config.publishing.trial_members:
        found.append(Advice("trial", {"count": len(config.publishing.trial_members)}))
    return found


def _open_secrets(config: Config, path: Path) -> Iterator[Advice]:
    """Only what stands in the file counts: what the environment says is nobody else's to read."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        mode = stat.S_IMODE(os.stat(path).st_mode)
    except (OSError, ValueError):
        return
    keys = [key for key, _ in config.secrets() if _stands_in(written, key)]
    if keys and mode & 0o077:
        names = [ENV_PREFIX + key.upper().replace(".", "__") for key in keys if not key.startswith("api.")]
        names += [f"{ENV_PREFIX}API__TOKENS"] if any(key.startswith("api.") for key in keys) else []
        yield Advice("open_secrets", {"path": str(path), "names": ", ".join(names)})


def _stands_in(written: object, key: str) -> bool:
    listed = key.partition(".")[0]
    if listed in ("api", "webhooks"):
        return isinstance(written, dict) and listed in written
    for part in key.split("."):
        if not isinstance(written, dict) or part not in written:
            return False
        written = written[part]
    return True
