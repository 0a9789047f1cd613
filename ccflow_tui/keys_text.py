"""A kept key in lines and as JSON, for ``ccflow keys``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ccflow_tui.models.kept_key import KeptKey

_NAME_WIDTH, _LABEL_WIDTH = 24, 13
NO_KEYS = "no private key is kept"


def keys_text(keys: Sequence[KeptKey]) -> str:
    """Return every key with its public facts, line by line."""
    return "\n".join(line for key in keys for line in _lines(key)) or NO_KEYS


def key_json(key: KeptKey) -> dict[str, Any]:
    """Return the public facts of a key, by the names of ``KeptKey``; times are epoch seconds."""
    return asdict(key)


def as_json(data: object) -> str:
    """Return what a command answers as JSON."""
    return json.dumps(data, indent=2, ensure_ascii=False)


def _lines(key: KeptKey) -> list[str]:
    facts = [f"{key.name:<{_NAME_WIDTH}} {key.label:<{_LABEL_WIDTH}} {', '.join(key.algs)}".rstrip()]
    told = {
        "key ID": key.kid,
        "thumbprint": key.thumbprint if key.thumbprint != key.kid else "",
        "kept in": key.store,
        "created": "" if key.created is None else _day(key.created),
        "takes over from": key.replaces,
        "used by": ", ".join(key.used_by),
        "missing": key.missing,
    }
    if key.certificate is not None:
        until = _day(key.certificate.not_after)
        told["certificate"] = (
            f"{key.certificate.subject}, until {until}, x5t#S256 {key.certificate.thumbprint}"
        )
    return facts + [f"  {name}: {text}" for name, text in told.items() if text]


def _day(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"
