"""The values of `config.example.toml`: well-formed, so that it loads, and marked, so that nothing runs on them."""

import re

from pydantic import BaseModel, SecretStr

from bot.config.sections import Config
from bot.errors import ConfigError, ConfigProblem

_MARKED = re.compile(r"\breplace-me\b|^(whsec_)?replaceMe|^w[wx]0{8,}$|//([\w-]+\.)*example\.(org|com|net)(?![\w.-])")


def dummies(config: Config) -> list[ConfigProblem]:
    """A problem for each value that is still the example's, with its key; secrets are not repeated."""
    return _in_section(config, "")


def refuse_dummies(config: Config) -> None:
    """Raises ConfigError naming every key that still has the example's value."""
    found = dummies(config)
    if found:
        raise ConfigError(found)


def _in_section(section: BaseModel, prefix: str) -> list[ConfigProblem]:
    found: list[ConfigProblem] = []
    for name, value in section:
        found += _in_value(value, f"{prefix}{name}")
    return found


def _in_value(value: object, key: str) -> list[ConfigProblem]:
    if isinstance(value, BaseModel):
        return _in_section(value, f"{key}.")
    if isinstance(value, list):
        return [problem for index, each in enumerate(value) for problem in _in_value(each, f"{key}.{index}")]
    secret = isinstance(value, SecretStr)
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if isinstance(text, str) and _MARKED.search(text):
        return [ConfigProblem(key, None if secret or "://" in text else text, "own_value")]
    return []
