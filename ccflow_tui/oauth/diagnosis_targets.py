"""What helps where a server refuses the target of a request: scope, resource, audience, details."""

from __future__ import annotations

from collections.abc import Iterator

from ccflow_tui.oauth.explanation import Case, Remedy


def scope_causes(case: Case) -> Iterator[Remedy]:
    """Yield what helps where a scope was refused (RFC 6749, section 3.3)."""
    scope = case.profile.scope
    if not scope.strip():
        yield Remedy("The server wants a scope. Enter the one your API documents.", "scope", 70)
        return
    if "openid" in scope.split():
        yield Remedy("Leave out openid: it is for people who sign in.", "scope", 80)
    if "," in scope:
        yield Remedy("A comma is sent as part of a scope's name. Separate scopes by spaces.", "scope", 85)
    yield Remedy("Have the scope allowed for this client at the server, or leave it out.", "scope", 60)
    yield Remedy("Compare the spelling with the API's documentation; upper and lower case differ.", "scope")


def target_causes(case: Case) -> Iterator[Remedy]:
    """Yield what helps where a resource or audience was refused (RFC 8707, section 2)."""
    resources = case.profile.resources
    if len(resources) > 1:
        yield Remedy("Many servers take one resource with a request. Try with one.", "resources", 70)
    if resources:
        yield Remedy("Compare the resource with the API's documentation, to the last slash.", "resources", 60)
    if case.profile.audience or not resources:
        yield Remedy("Compare the audience with the API's identifier at the server.", "audience", 58)
    yield Remedy("Have the API allowed for this client at the server.", weight=40)


def details_causes(case: Case) -> Iterator[Remedy]:
    """Yield what helps where authorization details were refused (RFC 9396, section 5)."""
    if not case.profile.authorization_details.strip():
        yield Remedy(
            "The server wants authorization details. Enter those your API documents.",
            "authorization_details",
            70,
        )
        return
    yield Remedy(
        "Compare type and members with the API's documentation; members that it does not know are refused.",
        "authorization_details",
        60,
    )
    yield Remedy("Have this type of authorization details allowed for this client at the server.", weight=50)
