"""Cores and time on them: servers have the first core for themselves, whoever asks them has the second."""

import os
from dataclasses import dataclass
from pathlib import Path

SERVER, CLIENT = 0, 1


def stay_on(core: int) -> bool:
    """Pins this process, and what it starts, to a core; False where the system has none to give."""
    if not hasattr(os, "sched_setaffinity"):
        return False
    cores = sorted(os.sched_getaffinity(0) | set(range(os.cpu_count() or 1)))
    try:
        os.sched_setaffinity(0, {cores[core % len(cores)]})
    except OSError:
        return False
    return True


def roam() -> None:
    """Every core again, for this process and what it starts from now on."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


def cpu_of(pid: int) -> float:
    """Seconds of processor time that a process has had, all its threads together; 0 where nobody says."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Memory:
    """Of a process, in MB."""

    resident: float
    peak: float


def memory_of(pid: int) -> Memory:
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    resident, peak = (int(status[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return Memory(resident, peak)
