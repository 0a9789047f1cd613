"""What the files of the working folder ask for, in the words of the question whether they are trusted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from ccflow_tui.config.hidden import HIDDEN, safe_text
from ccflow_tui.config.json_file import printable
from ccflow_tui.config.layers import Layers, Source, profile_names
from ccflow_tui.config.resolve import ResolvedProfile, resolve_profile, value_text
from ccflow_tui.config.trust import FolderFile, Held, held_back, held_besides
from ccflow_tui.models.secret_shapes import is_secret_value
from ccflow_tui.models.variables import SECRET_VARIABLE, TRUST_FOLDER_VARIABLE

CLAIMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("server", ("token_endpoint", "issuer", "provider", "environment_id", "region", "provider_inputs")),
    ("allows", ("endpoint_consent",)),
    ("API", ("api_base",)),
    ("client", ("client_id",)),
    ("method", ("auth_method", "assertion_audience")),
    ("secret", ("secret_reference",)),
    ("key", ("key_reference",)),
    ("certificate", ("assertion_certificate", "mtls")),
    ("production", ("production",)),
    ("DPoP", ("dpop",)),
    ("Bearer", ("dpop_allow_bearer",)),
)
"""Label and attributes of each line about a profile."""
_CONTEXT = frozenset({"client_id"})
"""Told beside the others, though it needs no trust."""
_BESIDES: Mapping[str, str] = MappingProxyType(
    {
        "default_profile": "Chooses the profile that opens",
        "enabled": "Switches the flow on, in production too",
        "client_secret": f"Gives the client secret ({SECRET_VARIABLE})",
        "secret_store": "Chooses where secrets are kept, from the next start on",
    }
)
_IN_PLACE = "Its settings.json then stands in place of your own"
_MOST_PROFILES = 4
_LONGEST_COMMAND = 300


def claims(layers: Layers) -> tuple[str, ...]:
    """Return in lines what waits for trust, profile by profile; never a secret."""
    trusting = layers.trusting()
    found = [
        tuple(_claims_of(held, resolve_profile(name, trusting)))
        for name in profile_names(layers)
        if (held := held_back(name, layers))
    ]
    rest = len(found) - _MOST_PROFILES
    lines = [line for each in found[:_MOST_PROFILES] for line in each]
    lines += [f"… and {rest} more profiles"] if rest > 0 else []
    lines += dict.fromkeys(_BESIDES[held.attribute] for held in held_besides(layers))
    return (*lines, _IN_PLACE) if lines and layers.own_settings and not layers.settings_trusted else (*lines,)


def waiting(
    name: str, layers: Layers, files: Iterable[FolderFile], requested: str | None = None
) -> tuple[str, bool]:
    """Say which words of which files wait for trust, and the way out; and whether a script has to stop.

    ``requested`` is the profile that the user asked for, if any. The text is empty where nothing waits.
    """
    held = (*held_back(name, layers), *held_besides(layers, requested))
    texts = [text for file in files if (text := _waiting_in(file, held))]
    if not texts:
        return "", False
    return " ".join(texts), any(each.stops for each in held)


def _waiting_in(folder: FolderFile, held: Iterable[Held]) -> str:
    names = dict.fromkeys(each.name for each in held if each.source is folder.source)
    if not names:
        return ""
    text = (
        f"{folder.file} lies in the working folder and is not trusted, so it does not decide about "
        f"{', '.join(names)}. If you know this file, run ccflow config --trust in its folder, or set "
        f"{TRUST_FOLDER_VARIABLE}={folder.file.parent}"
    )
    return text + (", or name it with --settings." if folder.source is Source.SETTINGS else ".")


def _claims_of(held: Iterable[Held], then: ResolvedProfile) -> Iterator[str]:
    waits = {each.attribute: each.source for each in held}
    yield f"Profile “{then.profile.name}”"
    for label, attributes in CLAIMS:
        told = [name for name in attributes if name in waits or _is_context(name, then)]
        if texts := list(filter(None, (_text(name, then) for name in told))):
            yield f"  {label:<12} {' · '.join(texts)}"


def _is_context(name: str, then: ResolvedProfile) -> bool:
    return name in _CONTEXT and then.sources[name] in {Source.ENV_FILE, Source.SETTINGS}


def _text(name: str, then: ResolvedProfile) -> str:
    value = getattr(then.profile, name)
    if name != "secret_reference":
        return safe_text(name, value_text(name, value))
    # A command is told whole, arguments and all, since it would be run.
    if is_secret_value(value):
        return HIDDEN
    more = f" … ({len(value)} characters; read the file)" if len(value) > _LONGEST_COMMAND else ""
    return printable(value[:_LONGEST_COMMAND], limit=_LONGEST_COMMAND) + more
