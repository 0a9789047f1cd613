"""What is remembered of servers, and of how many."""

from __future__ import annotations

from ccflow_tui.services.server_notes import MAX_ORIGINS, ServerNotes
from tests.support.fakes import EPOCH

DATE = ("date", "Fri, 15 Jan 2027 08:02:00 GMT")  # two minutes after EPOCH


def hear(notes: ServerNotes, url: str, *headers: tuple[str, str]) -> None:
    notes.hear(url, headers, sent_at=EPOCH, received_at=EPOCH)


def test_H2_nonces_and_clocks_are_kept_per_origin() -> None:
    notes = ServerNotes()
    hear(notes, "https://AS.example:443/token", ("dpop-nonce", "n-1"), DATE)
    assert notes.nonce("https://as.example/other?x") == "n-1"
    assert notes.correction("https://as.example/") == 120
    for other in ("https://as.example:8443/", "http://as.example/", "https://api.example/", "nonsense"):
        assert (notes.nonce(other), notes.skew(other), notes.correction(other)) == ("", 0.0, 0.0)


def test_H2_an_answer_without_nonce_and_date_changes_nothing() -> None:
    notes = ServerNotes()
    hear(notes, "https://a.example/", ("dpop-nonce", "n-1"), DATE)
    hear(notes, "https://a.example/", ("dpop-nonce", "not one"), ("date", "never"))
    assert (notes.nonce("https://a.example/"), notes.skew("https://a.example/")) == ("n-1", 120)
    hear(notes, "https://a.example/", ("dpop-nonce", "n-2"))
    assert notes.nonce("https://a.example/") == "n-2"


def test_the_server_heard_of_longest_ago_is_forgotten_first() -> None:
    notes = ServerNotes()
    for number in range(MAX_ORIGINS):
        hear(notes, f"https://h{number}.example/", ("dpop-nonce", f"n-{number}"))
    hear(notes, "https://h0.example/")
    hear(notes, "https://one-more.example/", ("dpop-nonce", "n"))
    assert notes.nonce("https://h0.example/") == "n-0"
    assert notes.nonce("https://h1.example/") == ""
    assert notes.nonce("https://h2.example/") == "n-2"
