"""What becomes of memory that nobody needs any more: when Python looks for it, and where the C library keeps it."""

import ctypes
import gc

WHILE_LOADING = (250_000, 10, 10)
COLLECT_AFTER = (10_000, 10, 10)
"""New objects, and passes over younger ones, after which it looks."""
HEAPS = 1
"""For all threads. Of its own, each would keep for good what its largest moment took."""
BY_ITSELF = 128 * 1024
"""Bytes from which a block has its own pages and gives them back. Else the C library takes ever larger ones from the
heap, as large as any that was freed, and small ones that stay settle in the holes."""
KEPT_FREE = 4 * 1024 * 1024
"""Bytes at the heap's end that it keeps for what comes next."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Numbers of malloc.h."""


def load_undisturbed() -> None:
    """A program that loads makes hundreds of thousands of objects, and hardly one that nobody needs any more."""
    gc.set_threshold(*WHILE_LOADING)


def give_back() -> None:
    """What a large moment took goes back to the machine when it is over. Before the first thread.

    Where there is no glibc nothing is to be done. See https://man7.org/linux/man-pages/man3/mallopt.3.html.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for what, value in ((_ARENA_MAX, HEAPS), (_MMAP_THRESHOLD, BY_ITSELF), (_TRIM_THRESHOLD, KEPT_FREE)):
            mallopt(what, value)


def keep_loaded() -> None:
    """What a program has loaded by now it keeps: that is looked at no more, and anything else seldom.

    A pass over all of it would hold up every callback of that moment.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
