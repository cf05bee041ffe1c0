"""From the file and the environment to a checked configuration."""

import json
import os
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.config.sections import Config, MenuConfig, MenuItemConfig, OfficialAccountConfig
from bot.errors import ConfigError, ConfigProblem

ENV_PREFIX = "BRANCHBOT_"
MOST_ENTRIES, MOST_ITEMS, MOST_KEY_BYTES = 3, 5, 128
"""Of the official account's menu: https://developers.weixin.qq.com, 自定义菜单."""


def load(path: Path, environ: dict[str, str] | None = None) -> Config:
    """Reads the file, lays the environment over it, checks everything.

    Raises ConfigError with all problems at once. Relative paths in it are relative to the working directory.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError([ConfigProblem(str(path), None, "file")]) from None
    except OSError as error:
        raise ConfigError([ConfigProblem(str(path), error.strerror, "readable_file")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([ConfigProblem(str(path), str(error), "toml")]) from None
    return check(_overlay(data, dict(os.environ) if environ is None else environ))


def check(data: dict[str, Any]) -> Config:
    """The configuration in `data`, or a ConfigError that lists everything wrong with it."""
    problems: list[ConfigProblem] = []
    config: Config | None = None
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        problems.extend(_problem(e, data) for e in error.errors())
    if config is not None:
        problems.extend(_contradictions(config))
    if problems or config is None:
        raise ConfigError(problems)
    return config


def _contradictions(config: Config) -> list[ConfigProblem]:
    """What no single key can see."""
    problems = []
    tokens = [token.token.get_secret_value() for token in config.api.tokens]
    if len(set(tokens)) < len(tokens):
        problems.append(ConfigProblem("api.tokens", None, "different_tokens"))
    if config.database.sqlite_path is None and config.secret_key is None:
        problems.append(ConfigProblem("secret_key", None, "secret_key_for_postgresql"))
    account = config.official_account
    if account is not None and account.encoding_aes_key is None and not account.allow_plain:
        problems.append(ConfigProblem("official_account.encoding_aes_key", None, "aes_key_or_plain"))
    if account is not None:
        problems.extend(_menu_problems(account.menu))
        problems.extend(_template_problems(account))
    return problems


def _template_problems(account: OfficialAccountConfig) -> list[ConfigProblem]:
    key, fields = "official_account.template_fields", account.template_fields
    if account.has_template and not fields:
        return [ConfigProblem(key, None, "template_fields")]
    problems = []
    for name, words in fields.items():
        try:
            words.format(text="", number="", time="")
        except (KeyError, ValueError, IndexError):
            problems.append(ConfigProblem(f"{key}.{name}", words, "template_fields"))
    return problems


def _menu_problems(menu: Sequence[MenuConfig]) -> list[ConfigProblem]:
    """The platform takes three entries with five below each; an entry does one thing."""
    key = "official_account.menu"
    problems = [ConfigProblem(key, str(len(menu)), "menu_size")] if len(menu) > MOST_ENTRIES else []
    for index, entry in enumerate(menu):
        if len(entry.items) > MOST_ITEMS:
            problems.append(ConfigProblem(f"{key}.{index}.items", str(len(entry.items)), "menu_size"))
        if sum(map(bool, (entry.says, entry.url, entry.items))) != 1:
            problems.append(ConfigProblem(f"{key}.{index}", entry.name, "menu_entry"))
        for item in (entry, *entry.items):
            if (item is not entry and bool(item.says) == bool(item.url)) or not _is_entry(item):
                problems.append(ConfigProblem(f"{key}.{index}", item.name, "menu_entry"))
    return problems


def _is_entry(item: MenuItemConfig) -> bool:
    return len(item.says.encode()) <= MOST_KEY_BYTES and (not item.url or item.url.startswith(("https://", "http://")))


def _overlay(data: dict[str, Any], environ: dict[str, str]) -> dict[str, Any]:
    """`data` with what the environment says laid over it."""
    for name, text in sorted(environ.items()):
        if not name.startswith(ENV_PREFIX):
            continue
        *sections, key = name.removeprefix(ENV_PREFIX).lower().split("__")
        place = data
        for section in sections:
            step = place.setdefault(section, {})
            if not isinstance(step, dict):
                raise ConfigError([ConfigProblem(name, None, "section_name")])
            place = step
        place[key] = _from_environment(text)
    return data


def _from_environment(text: str) -> object:
    """A list is JSON; everything else stays text and is read by its key's type."""
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


_SECRET_WORDS = ("secret", "token", "encoding_aes_key")


def _problem(error: Any, data: dict[str, Any]) -> ConfigProblem:
    """One of pydantic's errors in our words; secrets are never repeated."""
    key = ".".join(str(part) for part in error["loc"])
    kind, context = error["type"], error.get("ctx", {})
    secret = any(word in str(part) for part in error["loc"] for word in _SECRET_WORDS)
    found = None if secret or kind == "missing" or isinstance(error["input"], dict) else str(error["input"])
    if kind == "expected":
        return ConfigProblem(key, found, str(context["expected"]))
    if kind == "aes_key":
        return ConfigProblem(key, f"({context['length']})", "aes_key")
    named = {
        "extra_forbidden": "known_key",
        "missing": "value",
        "bool_parsing": "bool",
        "int_parsing": "whole_number",
        "list_type": "list",
        "string_type": "text",
    }
    if kind in named:
        return ConfigProblem(key, found, named[kind])
    if kind == "literal_error":
        return ConfigProblem(key, found, "one_of", {"choices": str(context["expected"]).replace(" or ", ", ")})
    if kind in ("greater_than_equal", "less_than_equal"):
        return ConfigProblem(
            key, found, "larger" if "ge" in context else "smaller", {"limit": context.get("ge", context.get("le"))}
        )
    if kind in ("string_too_short", "too_short"):
        return ConfigProblem(key, found, "filled" if context.get("min_length") == 1 else "long_secret")
    return ConfigProblem(key, found, str(error["msg"]))
