"""Core dumps: a copy of the whole memory, secrets included, that the system writes when a process crashes."""

from __future__ import annotations


def allow_no_core_dump() -> None:
    """Have the system write none of this process and of what it starts; Windows writes none by itself."""
    try:
        import resource
    except ImportError:
        return
    try:
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))  # the soft limit: a debugger can raise it again
    except (OSError, ValueError):
        return
