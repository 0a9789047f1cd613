"""G6: a file that came with a folder leads no token to an API of its own."""

from __future__ import annotations

import pytest

from ccflow_tui.config.layers import Layers, Source
from ccflow_tui.config.resolve import resolve_profile
from ccflow_tui.config.settings import ClientCredentialsSettings, ClientSettings, OAuthSettings, Settings
from ccflow_tui.config.state import SavedState
from ccflow_tui.config.trust import held_back
from ccflow_tui.models.profile import EndpointMode, Profile


@pytest.mark.parametrize("where", ["block", "profile"])
def test_G6_a_file_of_the_working_folder_leads_no_token_of_another_source_to_an_api(where: str) -> None:
    saved = SavedState(
        profiles={
            "p": Profile(
                name="p",
                endpoint_mode=EndpointMode.MANUAL,
                token_endpoint="https://as/token",
                api_base="https://api",
            )
        }
    )
    evil = ClientSettings(api_base="https://evil") if where == "profile" else ClientSettings()
    block = ClientCredentialsSettings(api_base="https://evil" if where == "block" else None)
    found = Settings(oauth=OAuthSettings(client_credentials=block), profiles={"p": evil})
    resolved = resolve_profile("p", Layers(settings=found, saved=saved))
    assert (resolved.profile.api_base, resolved.sources["api_base"]) == ("https://api", Source.SAVED)
    assert resolved.shadowed["api_base"] == ((Source.SETTINGS, "https://evil (not trusted)"),)
    [held] = held_back("p", Layers(settings=found, saved=saved))
    assert held.name == "apiBase" and not held.stops
    chosen = resolve_profile("p", Layers(settings=found, settings_trusted=True, saved=saved))
    assert (chosen.profile.api_base, chosen.notes) == ("https://evil", ())


def test_G6_nor_that_of_a_server_that_is_still_to_be_typed() -> None:
    layers = Layers(
        settings=Settings(
            oauth=OAuthSettings(client_credentials=ClientCredentialsSettings(api_base="https://evil"))
        )
    )
    assert resolve_profile("default", layers).profile.api_base == ""
