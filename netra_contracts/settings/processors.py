"""How many targets run at the same time."""

from __future__ import annotations

import math
import os

_CGROUP_LIMIT = "/sys/fs/cgroup/cpu.max"


def available_processors(limit_file: str = _CGROUP_LIMIT) -> int:
    """The number of processors that this process may use, at least 1: its affinity, and the limit of its container.

    Args:
        limit_file: quota and period of the control group (version 2), in microseconds:
            https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
    """
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    try:
        with open(limit_file, encoding="ascii") as file:
            quota, period = file.read().split()
        return max(1, min(count, math.ceil(int(quota) / int(period))))
    except (OSError, ValueError, ZeroDivisionError):  # no such group, or its quota is `max`
        return count
