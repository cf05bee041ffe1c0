"""What people can say: one module per noun, each with a `router`, in the order in which they are asked."""

from importlib import import_module

from bot.inbound.reception import Reception
from bot.inbound.router import Commands

NOUNS = (
    "items",
    "meetings",
    "polls",
    "signups",
    "attachments",
    "receipts",
    "reminders",
    "progress",
    "listing",
    "plans",
    "burdens",
    "corrections",
    "rehearsals",
    "approvals",
    "withdrawing",
    "doubts",
    "excuses",
    "exports",
    "paper",
    "helping",
    "closing",
    "additions",
    "todos",
    "mydata",
    "chats",
    "clock",
    "questions",
    "answers",
    "commitments",
    "snippets",
    "publications",
    "posters",
    "desk_groups",
    "help",
    "replies",
)
"""The modules, in the order in which `帮助` lists their commands."""

RESIDENTS = ("asking", "inquiring", "judging", "numbers", "places", "coming", "reporting")
"""The modules for residents."""


def commands() -> Commands:
    """Everything that people can say."""
    return Commands([import_module(f"{__name__}.{noun}").router for noun in NOUNS])


def reception() -> Reception:
    """Everything that residents can say."""
    return Reception([import_module(f"{__name__}.residents.{noun}").router for noun in RESIDENTS])
