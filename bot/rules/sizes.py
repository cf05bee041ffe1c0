"""How large a file is, as people say it."""

KILOBYTE = 1024
MEGABYTE = KILOBYTE * KILOBYTE


def readable_size(size: int) -> str:
    """`300 KB`, `1.2 MB`, `20 MB`; less than a kilobyte is one."""
    if size < MEGABYTE:
        return f"{max(1, round(size / KILOBYTE))} KB"
    megabytes = size / MEGABYTE
    return f"{megabytes:.0f} MB" if megabytes >= 10 or megabytes == int(megabytes) else f"{megabytes:.1f} MB"
