"""Whether a token may go to the API that a profile names: asked once, where nobody has said so yet.

A token is worth as much as the credential for as long as it lives. The API's address may have come along with
the settings of a folder, or have been saved with another server in mind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ccflow_tui.config.layers import Source
from ccflow_tui.models.profile import EndpointMode, Profile
from ccflow_tui.models.provider_forms import derives_api
from ccflow_tui.oauth.url_validation import origin_of

if TYPE_CHECKING:
    from ccflow_tui.profile_book import ProfileBook


def unconfirmed_api(book: ProfileBook, profile: Profile, sources: Mapping[str, str]) -> str:
    """Return the origin (RFC 6454) of the API that has yet to be confirmed; empty where nothing is to ask.

    Confirmed is what the authorization server runs on itself, what a preset gives, what was typed in this
    run or stands in the user's own settings, and what was confirmed before. ``sources`` tells where the
    value of each field came from.
    """
    origin = origin_of(profile.api_base)
    if not origin or book.is_demo or derives_api(profile) or origin in _origins_of_server(profile):
        return ""
    source = sources.get("api_base", "")
    own_settings = source == Source.SETTINGS and not book.uses_settings_of_folder
    if source == "typed" or own_settings or book.is_api_confirmed(profile.name, origin):
        return ""
    return origin


def keep_confirmed(book: ProfileBook, profile: Profile, sources: Mapping[str, str]) -> None:
    """Remember, with a profile that is saved, the API that needs no question in this run."""
    origin = origin_of(profile.api_base)
    if origin and not book.is_demo and not unconfirmed_api(book, profile, sources):
        book.confirm_api(profile.name, origin)


def _origins_of_server(profile: Profile) -> set[str]:
    issuer = profile.issuer if profile.endpoint_mode is EndpointMode.ISSUER else ""
    return {origin_of(url) for url in (profile.token_endpoint, issuer) if url}
