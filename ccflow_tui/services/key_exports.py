"""The public half of kept keys in the forms that servers take."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ccflow_tui.models.kept_key import PublicText, wanted_export
from ccflow_tui.models.problems import InputProblem, KeyProblem
from ccflow_tui.models.profile import Provider
from ccflow_tui.models.provider_forms import PROVIDER_FORMS
from ccflow_tui.oauth.algorithms import ED25519, EDDSA
from ccflow_tui.oauth.certificates import read_certificate
from ccflow_tui.oauth.key_facts import public_pem
from ccflow_tui.oauth.public_jwks import joined_jwks, public_jwks
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.oauth.self_signed import VALID_DAYS, self_signed_certificate
from ccflow_tui.services.key_names import file_stem

if TYPE_CHECKING:
    from ccflow_tui.oauth.signing_key import SigningKey


def exported_jwks(
    name: str,
    keys: Sequence[SigningKey],
    *,
    main: SigningKey,
    alg: str = "",
    kid: str = "",
    missing: Sequence[str] = (),
) -> PublicText:
    """Return ``keys`` as a JWK Set; ``alg`` and ``kid`` are those of ``main``, empty for its own.

    The others keep ``alg`` where they can sign with it; ``missing`` are names to tell as left out. Raises
    ``KeyProblem`` when ``main`` cannot sign with ``alg``, or two keys have one key id.
    """
    alg = alg or main.algs[0]
    try:
        own = public_jwks(main, alg=alg, kid=kid)
    except InputProblem as problem:
        found = problem.finding
        raise KeyProblem(found.problem, found.remedy, field=found.field) from None
    others = {key.thumbprint: key for key in keys if key.thumbprint != main.thumbprint}
    jwks = joined_jwks(
        *(
            own if key is main else public_jwks(key, alg=alg if alg in key.algs else key.algs[0])
            for key in keys
            if key is main or key is others.get(key.thumbprint)
        )
    )
    kids = [jwk["kid"] for jwk in jwks["keys"]]
    if len(set(kids)) < len(kids):
        raise KeyProblem(
            f"Two keys would have one key ID, {scrub(kids[0], limit=60)}.",
            "Clear the key ID of the profile, so that the new key has its own.",
            field="assertion_kid",
        )
    text = json.dumps(jwks, indent=2) + "\n"
    notes = " ".join(_notes(alg, len(kids), missing))
    return PublicText(text=text, file_name=f"{file_stem(name)}.jwks.json", note=notes)


def _notes(alg: str, count: int, missing: Sequence[str]) -> Iterator[str]:
    if count > 1:
        yield "It holds the old and the new key side by side; both count until one is taken out."
    for name in missing:
        yield f"“{name}” is not in it, because it is not in the secret store."
    yield f"It names {alg}; assertions must be signed with that."
    if alg == ED25519:
        yield f"Older servers know this algorithm as {EDDSA} only."


def exported_pem(name: str, key: SigningKey) -> PublicText:
    """Return a key as PEM."""
    kid = key.kid or key.thumbprint
    note = f"PEM holds no key ID: where the server asks for one, give it {kid}."
    return PublicText(text=public_pem(key), file_name=f"{file_stem(name)}.public.pem", note=note)


async def exported_certificate(name: str, key: SigningKey, *, common_name: str, now: float) -> PublicText:
    """Return a new self-signed certificate of a key; ``now`` is epoch seconds."""
    pem = await asyncio.to_thread(self_signed_certificate, key, common_name=common_name, now=now)
    made = read_certificate(pem, field="key_reference", key=key)
    until = f"{datetime.fromtimestamp(made.not_after, UTC):%Y-%m-%d}"
    note = (
        f"Valid for {VALID_DAYS} days, until {until}. Each export makes another one, so save this one: where "
        "the server finds the key by its certificate, name the file as the profile's certificate of that key."
    )
    return PublicText(text=pem, file_name=f"{file_stem(name)}.certificate.pem", note=note)


def register_at(provider: str) -> str:
    """Return in a sentence where a public half is registered at a provider, and in which form."""
    known = Provider(provider) if provider in set(Provider) else Provider.GENERIC
    form = PROVIDER_FORMS[known]
    if form.key_place:
        return f"Export it as a {wanted_export(known).value} and register that {form.key_place}."
    if form.inputs:
        return f"{form.label} takes no keys for this grant: its clients prove themselves by a secret."
    return "Register it where this client is registered, as the server asks for it: jwks, jwks_uri or a file."
