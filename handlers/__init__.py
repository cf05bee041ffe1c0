"""What people can say: one module per noun, each with a `router`, in the order in which they are asked."""

from importlib import import_module

from bot.inbound.router import Commands

NOUNS = (
    "items",
    "receipts",
    "reminders",
    "progress",
    "listing",
    "plans",
    "burdens",
    "withdrawing",
    "excuses",
    "paper",
    "helping",
    "closing",
    "additions",
    "todos",
    "mydata",
    "chats",
    "help",
    "replies",
)
"""The modules, in the order in which `帮助` lists their commands."""


def commands() -> Commands:
    """Everything that people can say."""
    return Commands([import_module(f"{__name__}.{noun}").router for noun in NOUNS])
