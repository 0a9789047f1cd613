"""``python -m ccflow_tui``."""

from __future__ import annotations

from ccflow_tui.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
