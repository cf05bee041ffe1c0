"""Which language the command line speaks: the configuration's, and before that can be read, the terminal's."""

import os
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.texts import LOCALES, Texts

_ZONE = ZoneInfo("Asia/Shanghai")


def early_texts(path: Path | None = None) -> Texts:
    """Texts in the locale that the environment or the file names, be the rest of it ever so wrong; else as `LANG`."""
    return Texts(_named(path) or _of_terminal(), _ZONE)


def _named(path: Path | None) -> str | None:
    if path is None:
        return None
    said: object = os.environ.get("BRANCHBOT_LOCALE")
    if said is None:
        try:
            said = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("locale")
        except (OSError, ValueError):
            return None
    return said if isinstance(said, str) and said in LOCALES else None


def _of_terminal() -> str:
    said = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "en" if said.lower().startswith("en") else "zh_CN"
