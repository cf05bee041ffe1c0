"""The two kinds that are their words and nothing else."""

from bot.services.kinds.base import Kind
from storage.enums import ItemKind, Require

NOTICE = Kind(ItemKind.NOTICE, ("通知", "notice"), Require.ACK)
MATERIAL = Kind(ItemKind.MATERIAL, ("学习", "study"), Require.READ)
