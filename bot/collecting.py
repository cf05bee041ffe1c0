"""What becomes of memory that nobody needs any more: when Python looks for it, and where the C library keeps it."""

import ctypes
import gc

WHILE_LOADING = (250_000, 10, 10)
COLLECT_AFTER = (10_000, 10, 10)
"""New objects, and passes over younger ones, after which it looks."""
HEAPS = 1
"""For all threads. Of its own, each would keep for good what its largest moment took."""
_ARENA_MAX = -8
"""`M_ARENA_MAX` of glibc's malloc.h."""


def load_undisturbed() -> None:
    """A program that loads makes hundreds of thousands of objects, and hardly one that nobody needs any more."""
    gc.set_threshold(*WHILE_LOADING)


def share_heap() -> None:
    """Before the first thread: all of them take from one heap.

    Where there is no glibc nothing is to be done. See https://man7.org/linux/man-pages/man3/mallopt.3.html.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, HEAPS)


def keep_loaded() -> None:
    """What a program has loaded by now it keeps: that is looked at no more, and anything else seldom.

    A pass over all of it would hold up every callback of that moment.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
