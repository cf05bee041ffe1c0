"""The key that backups are encrypted with: a file that the operator made, and keeps somewhere else as well."""

from bot.config.sections import Config
from bot.errors import ConfigError, ConfigProblem

LEAST_CHARACTERS = 32


def backup_key(config: Config) -> bytes | None:
    """The key; None where backups are not encrypted.

    Raises ConfigError for a file that cannot be read, is too short for a key, or lies beside the backups: whoever has
    the one would have the other.
    """
    path, folder = config.backup_key_file, config.backup_dir
    if path is None:
        return None
    if folder is not None and path.resolve().is_relative_to(folder.resolve()):
        raise ConfigError([ConfigProblem("backup.key_file", str(path), "key_elsewhere")])
    try:
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigError([ConfigProblem("backup.key_file", str(path), "backup_key")]) from None
    if len(key) < LEAST_CHARACTERS:
        raise ConfigError([ConfigProblem("backup.key_file", str(path), "backup_key")])
    return key.encode()
