"""Pictures of the wizard, one for each state; ``make snapshots`` takes them anew.

Look at the new ones before you keep them.
"""

from __future__ import annotations

from ccflow_tui.services.ports import WireResponse
from tests.support.fakes import EPOCH, json_response
from tests.ui import scenes
from tests.ui.conftest import LARGE, NARROW, Picture
from tests.ui.scenes import (
    ADDRESSED,
    BASIC,
    BOUND,
    CERTIFICATE,
    EMPTY,
    POST,
    REFERRED,
    grant,
    in_field,
    later,
    opened,
    refusal,
    then,
)

LONG_REFUSAL = refusal(
    "invalid_client",
    "Client authentication failed: the client assertion could not be verified with any key registered for "
    "this client, and its audience does not name this server.",
)
API_ANSWER = json_response(
    '{"id": "7f3c1d2e-4a5b-4c6d-8e9f-0a1b2c3d4e5f", "name": "Orders", "type": "PRODUCTION", "region": "EU"}'
)
API_REFUSAL = json_response('{"code": "ACCESS_FAILED", "message": "You have no access to this."}', 403)
HTML = WireResponse(200, (("content-type", "text/html"),), b"<h1>Please sign in</h1>", received_at=EPOCH)


# Step 1


def test_configure_empty(picture: Picture) -> None:
    """First start: nothing filled in, the cursor in the first field, Next off with its reason."""
    assert picture(scenes.configure, profile=EMPTY)


def test_configure_private_key_jwt(picture: Picture) -> None:
    """A PingOne client with a signing key: endpoint derived, sources shown, Next has the focus."""
    assert picture(scenes.configure)


def test_configure_secret_basic(picture: Picture) -> None:
    """The same client with a secret in the header: secret field and encoding in place of the key fields."""
    assert picture(scenes.configure, profile=BASIC)


def test_configure_secret_post_by_hand(picture: Picture) -> None:
    """A token endpoint typed by hand, audience and resource filled in."""
    assert picture(scenes.configure, profile=POST)


def test_configure_errors(picture: Picture) -> None:
    """Next was pressed with a wrong environment id and an empty form: each field says what is wrong."""
    assert picture(scenes.mistyped, profile=EMPTY)


def test_configure_lower_half(picture: Picture) -> None:
    """The end of the form: security strip and the folded lesson."""
    assert picture(then(scenes.configure, "pagedown", "pagedown", "pagedown"))


def test_configure_large(picture: Picture) -> None:
    """120×40: both panes beside the form."""
    assert picture(scenes.configure, size=LARGE)


def test_configure_narrow(picture: Picture) -> None:
    """60×18: one-line stepper, reasons of the methods beneath them."""
    assert picture(scenes.configure, profile=EMPTY, size=NARROW)


def test_configure_certificate(picture: Picture) -> None:
    """A client that authenticates by its certificate, which stands where the private key stood."""
    assert picture(scenes.configure, profile=CERTIFICATE)


def test_configure_more(picture: Picture) -> None:
    """The rarer fields unfolded, two kinds of binding set."""
    assert picture(in_field("dpop"), profile=BOUND)


def test_configure_more_narrow(picture: Picture) -> None:
    """60×18: the field that the cursor was put into is in sight."""
    assert picture(in_field("dpop"), profile=BOUND, size=NARROW)


def test_configure_secret_reference(picture: Picture) -> None:
    """A secret by reference: its input says from where, and stays empty; production is marked."""
    assert picture(in_field("client_secret"), profile=REFERRED)


def test_configure_own_audience(picture: Picture) -> None:
    """The assertion is addressed to a text of the user's own."""
    assert picture(in_field("own_audience"), profile=ADDRESSED)


def test_configure_profile_itself(picture: Picture) -> None:
    """What belongs to the profile: refresh, production, note."""
    assert picture(in_field("production"), profile=REFERRED)


def test_configure_note_narrow(picture: Picture) -> None:
    """60×18: the last field, its hint in sight."""
    assert picture(in_field("note"), profile=REFERRED, size=NARROW)


def test_configure_light(picture: Picture) -> None:
    """The light theme."""
    assert picture(scenes.configure, theme="ccflow-light")


def test_configure_errors_high_contrast(picture: Picture) -> None:
    """Errors in the high contrast theme."""
    assert picture(scenes.mistyped, profile=EMPTY, theme="ccflow-high-contrast-dark")


def test_configure_without_colour(picture: Picture) -> None:
    """NO_COLOR: marks and words carry what colours said."""
    assert picture(scenes.mistyped, profile=EMPTY, colour=False)


# Step 2


def test_build_private_key_jwt(picture: Picture) -> None:
    """The signed request: headers, body, the assertion masked."""
    assert picture(scenes.build)


def test_build_secret_basic(picture: Picture) -> None:
    """The Basic header, masked with a hint of what it is made from."""
    assert picture(scenes.build, profile=BASIC)


def test_build_secret_post(picture: Picture) -> None:
    """The secret in the body, masked; audience and resource encoded as they are sent."""
    assert picture(scenes.build, profile=POST)


def test_build_large(picture: Picture) -> None:
    """120×40: the client assertion's header and claims explained."""
    assert picture(scenes.build, size=LARGE)


def test_build_light(picture: Picture) -> None:
    """The four roles of a URL in the light theme."""
    assert picture(scenes.build, theme="ccflow-light")


# Step 3


def test_send_ready(picture: Picture) -> None:
    """Nothing sent yet."""
    assert picture(scenes.ready)


def test_send_under_way(picture: Picture) -> None:
    """The server has not answered: attempt, elapsed time, how to cancel."""
    assert picture(scenes.sent)


def test_send_waits_for_the_next_attempt(picture: Picture) -> None:
    """A 503: the wait before the second attempt."""
    assert picture(scenes.retrying, json_response("{}", 503))


def test_send_cancelled(picture: Picture) -> None:
    """Esc was pressed."""
    assert picture(scenes.cancelled)


def test_send_refused(picture: Picture) -> None:
    """A short invalid_client: the card with four remedies."""
    assert picture(scenes.answered, refusal("invalid_client"), profile=BASIC)


def test_send_refused_at_length(picture: Picture) -> None:
    """A talkative server: its words scrubbed and set apart, the buttons still in sight."""
    assert picture(scenes.answered, LONG_REFUSAL)


def test_send_refused_details(picture: Picture) -> None:
    """The details of the failure, unfolded."""
    assert picture(then(scenes.answered, "d"), LONG_REFUSAL)


def test_send_refused_narrow(picture: Picture) -> None:
    """60×18: the card scrolls, its buttons stay."""
    assert picture(scenes.answered, LONG_REFUSAL, size=NARROW)


def test_send_refused_large(picture: Picture) -> None:
    """120×40: the failure in history and log too."""
    assert picture(scenes.answered, LONG_REFUSAL, size=LARGE)


def test_send_got_html(picture: Picture) -> None:
    """A web page where a token response belongs."""
    assert picture(scenes.answered, HTML)


def test_send_refused_without_colour(picture: Picture) -> None:
    """The card under NO_COLOR."""
    assert picture(scenes.answered, refusal("invalid_client"), profile=BASIC, colour=False)


# Step 4


def test_token_valid(picture: Picture) -> None:
    """A fresh token, masked."""
    assert picture(scenes.granted, grant())


def test_token_expiring_soon(picture: Picture) -> None:
    """200 seconds left: amber."""
    assert picture(later(3400), grant())


def test_token_about_to_expire(picture: Picture) -> None:
    """60 seconds left: red."""
    assert picture(later(3540), grant())


def test_token_expired(picture: Picture) -> None:
    """Past its end."""
    assert picture(later(3700), grant())


def test_token_without_expiry(picture: Picture) -> None:
    """The server stated no lifetime, and granted less than was asked for."""
    assert picture(scenes.granted, grant(None, scope="p1:read:users"))


def test_token_revealed(picture: Picture) -> None:
    """The whole token for ten seconds."""
    assert picture(then(scenes.granted, "v"), grant())


def test_token_decoded(picture: Picture) -> None:
    """Header and claims of a JWT, not verified."""
    assert picture(then(scenes.granted, "d"), grant(), size=LARGE)


def test_token_verified(picture: Picture) -> None:
    """Every finding of a verification: the server no longer publishes the key."""
    assert picture(then(scenes.granted, "k"), grant(), json_response('{"keys": []}'))


def test_token_introspected(picture: Picture) -> None:
    """Without an issuer there is nobody to ask."""
    assert picture(then(scenes.granted, "i"), grant(), profile=POST)


def test_token_opaque(picture: Picture) -> None:
    """A token that is no JWT gets a note; a short one is masked as a whole."""
    assert picture(then(scenes.granted, "d"), grant(token="opaque-4f9a8b7c"))


def test_token_api_answer(picture: Picture) -> None:
    """The sample API answered."""
    assert picture(scenes.called, grant(), API_ANSWER)


def test_token_api_refusal(picture: Picture) -> None:
    """The sample API refused, with what to do."""
    assert picture(scenes.called, grant(), API_REFUSAL)


def test_token_panes(picture: Picture) -> None:
    """80×24 with history and log beneath."""
    assert picture(then(scenes.granted, "f3", "f4"), grant())


def test_token_light(picture: Picture) -> None:
    """The light theme."""
    assert picture(later(3400), grant(), theme="ccflow-light")


def test_token_narrow(picture: Picture) -> None:
    """60×18."""
    assert picture(scenes.granted, grant(), size=NARROW)


# Dialogs and the rest


def test_help(picture: Picture) -> None:
    """F1 on step 4."""
    assert picture(opened(scenes.granted, "f1"), grant())


def test_confirm_sign_out(picture: Picture) -> None:
    """The question before signing out; the safe answer has the focus."""
    assert picture(opened(scenes.granted, "x"), grant())


def test_confirm_forget_narrow(picture: Picture) -> None:
    """60×18: what was found is listed above the answers."""
    assert picture(then(scenes.granted, "f6", "d"), grant(), size=NARROW)


def test_profiles(picture: Picture) -> None:
    """The list of profiles."""
    assert picture(opened(scenes.configure, "f6"))


def test_new_profile(picture: Picture) -> None:
    """A name that there is."""
    assert picture(scenes.name_taken)


def test_palette(picture: Picture) -> None:
    """The command palette."""
    assert picture(scenes.palette, grant())


def test_too_small(picture: Picture) -> None:
    """50×16: what is needed, and that nothing is lost."""
    assert picture(scenes.configure, size=(50, 16))
