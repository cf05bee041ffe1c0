"""When Python looks for what nobody needs any more."""

import gc

WHILE_LOADING = (250_000, 10, 10)
COLLECT_AFTER = (10_000, 10, 10)
"""New objects, and passes over younger ones, after which it looks."""


def load_undisturbed() -> None:
    """A program that loads makes hundreds of thousands of objects, and hardly one that nobody needs any more."""
    gc.set_threshold(*WHILE_LOADING)


def keep_loaded() -> None:
    """What a program has loaded by now it keeps: that is looked at no more, and anything else seldom.

    A pass over all of it would hold up every callback of that moment.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
