"""The key workbench over an engine that reaches nothing, with a store and a register of the test's choice."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.keys import load_signing_key
from ccflow_tui.services.credential_names import private_key_name
from ccflow_tui.services.credentials import CredentialSource, Variables
from ccflow_tui.services.engine import Engine, EngineParts
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.key_register import KeyRegister, MemoryKeyRegister
from ccflow_tui.services.key_workbench import Workbench
from ccflow_tui.services.logger import FlowLogger
from ccflow_tui.services.ports import SecretStore
from ccflow_tui.services.redaction import Redactor
from tests.support.fakes import DictStore, FakeClock, ScriptedTransport, json_response


@dataclass
class KeyBench:
    """The workbench and what it stands on."""

    store: Any = field(default_factory=DictStore)
    register: KeyRegister = field(default_factory=MemoryKeyRegister)
    profiles: Sequence[Profile] = ()
    variables: dict[str, str] = field(default_factory=dict)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.redactor = Redactor()
        self.logger = FlowLogger(self.redactor, self.clock)
        log = FlowLog(self.logger)
        store: SecretStore = self.store
        self.transport = ScriptedTransport(json_response("{}"))
        self.engine = Engine(
            EngineParts(
                clock=self.clock,
                transports=lambda mtls: self.transport,
                store=store,
                credentials=CredentialSource(store, Variables(self.variables, {}), log.warning),
                redactor=self.redactor,
                log=log,
                key_register=self.register,
            )
        )
        self.workbench = Workbench(self.engine.kept_keys, lambda: self.profiles)

    def pem(self, name: str) -> str:
        """Return the private key as it stands in a store that is a dictionary."""
        text: str = self.store.secrets[private_key_name(name)].reveal()
        return text


def private_needles(pem: str) -> tuple[bytes, ...]:
    """Return every private number of a key as big-endian bytes."""
    key: Any = load_signing_key(Secret(pem)).jose
    members = key.as_dict(private=True)
    numbers = [members[part] for part in ("d", "p", "q", "dp", "dq", "qi") if part in members]
    return tuple(base64.urlsafe_b64decode(number + "=" * (-len(number) % 4)) for number in numbers)


def holds(text: str, number: bytes) -> bool:
    """Whether a text holds a number: raw, hex, decimal, or base64 however it is aligned or broken."""
    joined = "".join(text.split())
    codes = {number.hex(), number.hex().upper(), str(int.from_bytes(number, "big"))}
    for offset in range(3):
        padded = base64.b64encode(b"\0" * offset + number + b"\0" * 3).decode()
        inside = padded[4:-8]
        codes |= {inside, inside.replace("+", "-").replace("/", "_")}
    return any(code in joined for code in codes)
