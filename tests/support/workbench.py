"""A key workbench in memory: names, who uses a key and what takes over from what, but no real keys."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from ccflow_tui.models.kept_key import KeptKey, KeyCertificate, KeyExport, KeyKind, PublicText
from ccflow_tui.models.problems import CcflowError, KeyIdProblem, KeyProblem, PassphraseProblem
from ccflow_tui.models.profile import Profile, Provider
from ccflow_tui.models.provider_forms import PROVIDER_FORMS
from ccflow_tui.models.secret import Secret
from tests.support.fakes import EPOCH

RSA = ("RS256", "PS256")
ALGS = {
    KeyKind.P_256: ("ES256",),
    KeyKind.P_384: ("ES384",),
    KeyKind.P_521: ("ES512",),
    KeyKind.ED25519: ("Ed25519", "EdDSA"),
}


def thumbprint(text: str) -> str:
    """Return something that looks like a thumbprint, the same for the same text."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def made_key(name: str, kind: KeyKind = KeyKind.P_256, **facts: object) -> KeptKey:
    """Return a key that looks like one just made."""
    print_ = thumbprint(f"{name} {kind}")
    made = KeptKey(
        name=name,
        label=kind.value,
        algs=ALGS.get(kind, RSA),
        kid=print_,
        thumbprint=print_,
        created=EPOCH,
        store="keyring",
    )
    return replace(made, **facts)


def certificate(days: float, subject: str = "CN=orders,O=Example") -> KeyCertificate:
    """Return a certificate that ends some days from the tests' time."""
    return KeyCertificate(
        subject=subject, not_after=EPOCH + days * 86_400, thumbprint=thumbprint(f"{subject} {days}")
    )


@dataclass
class MemoryWorkbench:
    """Implements ``ports_keys.KeyWorkbench``."""

    profiles: Callable[[], Iterable[Profile]] = tuple
    kept: dict[str, KeptKey] = field(default_factory=dict)
    files: dict[str, KeptKey] = field(default_factory=dict)
    """What there is to import, by reference."""
    sets: dict[str, dict[str, KeptKey]] = field(default_factory=dict)
    """What there is to import one of, by reference and key ID."""
    passphrases: dict[str, str] = field(default_factory=dict)
    """What opens the encrypted ones of them."""
    typed: dict[str, Secret] = field(default_factory=dict)
    problems: list[CcflowError] = field(default_factory=list)
    """Raised one after the other by what is asked next."""
    gate: asyncio.Event | None = None
    """Holds up what makes a key until it is set."""
    exported: list[tuple[str, KeyExport, str, str]] = field(default_factory=list)

    async def keys(self) -> tuple[KeptKey, ...]:
        self._maybe_fail()
        first = [key for key in self.kept.values() if key.replaces not in self.kept]
        return tuple(self._in_use(each) for key in first for each in self._line(key))

    def _line(self, key: KeptKey) -> list[KeptKey]:
        successors = [each for each in self.kept.values() if each.replaces == key.name]
        return [key, *(each for successor in successors for each in self._line(successor))]

    def _in_use(self, key: KeptKey) -> KeptKey:
        reference = f"keyring:{key.name}"
        users = [each.name for each in self.profiles() if reference in each.key_references.values()]
        return replace(key, used_by=tuple(users))

    def why_not_named(self, name: str) -> str:
        if not name:
            return "A key needs a name. Type one, or press Esc."
        taken = name.casefold() in {known.casefold() for known in self.kept}
        return f"There is a key “{name}” already. Type another name." if taken else ""

    async def generate(self, name: str, kind: KeyKind) -> KeptKey:
        return await self._keep(made_key(name, kind))

    def remember_passphrase(self, reference: str, passphrase: Secret) -> None:
        if passphrase:
            self.typed[reference] = passphrase
        else:
            self.typed.pop(reference, None)

    async def describe(self, reference: str, *, kid: str = "") -> KeptKey:
        self._maybe_fail()
        if (keys := self.sets.get(reference)) is not None:
            if kid not in keys:
                problem = f"The JWK Set holds {len(keys)} private keys: {', '.join(keys)}."
                raise KeyIdProblem(problem, "Enter the key ID of the one to sign with.")
            return keys[kid]
        if reference not in self.files:
            raise KeyProblem(f"The private key file {reference} cannot be read.", "Check the path.")
        if (wanted := self.passphrases.get(reference)) is not None:
            typed = self.typed.get(reference)
            if typed is None:
                raise PassphraseProblem("The key is encrypted.", "Enter its passphrase.")
            if typed.reveal() != wanted:
                raise PassphraseProblem("The passphrase does not open the key.", "Enter it once more.")
        return self.files[reference]

    async def import_key(self, name: str, reference: str, *, kid: str = "") -> KeptKey:
        return await self._keep(replace(await self.describe(reference, kid=kid), name=name, created=EPOCH))

    async def rotate(self, name: str, kind: KeyKind | None = None) -> KeptKey:
        old = self._found(name)
        if later := next((key for key in self.kept.values() if key.replaces == name), None):
            raise KeyProblem(f"“{later.name}” takes over from “{name}” already.", "Rotate that one.")
        successor = next(new for n in range(2, 99) if (new := f"{name}-{n}") not in self.kept)
        if kind is None:
            kind = next(kind for kind in KeyKind if kind.value == old.label)
        return await self._keep(made_key(successor, kind, replaces=name))

    async def export(self, name: str, form: KeyExport, *, alg: str = "", kid: str = "") -> PublicText:
        self._maybe_fail()
        self.exported.append((name, form, alg, kid))
        key = self._found(name)
        if form is not KeyExport.JWKS:
            return PublicText(
                text=f"-----BEGIN {form.name}-----\n{key.thumbprint}\n", file_name=f"{name}.pem"
            )
        side_by_side = [key, *([self.kept[key.replaces]] if key.replaces in self.kept else [])]
        lines = ",\n".join(
            f'    {{"kid": "{(kid if each is key else "") or each.kid}", "use": "sig", '
            f'"alg": "{(alg if each is key else "") or each.algs[0]}"}}'
            for each in side_by_side
        )
        return PublicText(text=f'{{\n  "keys": [\n{lines}\n  ]\n}}\n', file_name=f"{name}.jwks.json")

    async def delete(self, name: str) -> str:
        self._maybe_fail()
        self._found(name)
        del self.kept[name]
        for key in self.kept.values():
            if key.replaces == name:
                self.kept[key.name] = replace(key, replaces="")
        return f"The private key “{name}” is gone from the secret store."

    def register_at(self, provider: str) -> str:
        place = PROVIDER_FORMS[Provider(provider)].key_place
        return f"Export it as a JWK Set and register that {place}." if place else "Register it at the client."

    async def _keep(self, key: KeptKey) -> KeptKey:
        if self.gate is not None:
            await self.gate.wait()
        self._maybe_fail()
        self.kept[key.name] = key
        return self._in_use(key)

    def _found(self, name: str) -> KeptKey:
        if name not in self.kept:
            raise KeyProblem(f"There is no key “{name}”.", "Choose another one.")
        return self.kept[name]

    def _maybe_fail(self) -> None:
        if self.problems:
            raise self.problems.pop(0)
