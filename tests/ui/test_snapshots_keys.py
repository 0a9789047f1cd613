"""Pictures of the key workbench; ``make snapshots`` takes them anew."""

from __future__ import annotations

from tests.ui import key_scenes
from tests.ui.conftest import LARGE, NARROW, Picture
from tests.ui.key_scenes import KEPT, PAIR, SIGNING, workbench


def test_keys_empty(picture: Picture) -> None:
    """No key yet: what they are for, and which key to press."""
    assert picture(workbench(), profile=SIGNING)


def test_keys_empty_narrow(picture: Picture) -> None:
    """60×18."""
    assert picture(workbench(), profile=SIGNING, size=NARROW)


def test_keys_pair(picture: Picture) -> None:
    """A key, its successor, and others: one about to expire, one expired, one missing."""
    assert picture(workbench(*KEPT), profile=SIGNING)


def test_keys_pair_narrow(picture: Picture) -> None:
    """60×18: the facts scroll beneath the list."""
    assert picture(workbench(*KEPT), profile=SIGNING, size=NARROW)


def test_keys_pair_large(picture: Picture) -> None:
    """120×40: the facts beside the list, the highlighted key expired."""
    assert picture(workbench(*KEPT, then=("down", "down", "down")), profile=SIGNING, size=LARGE)


def test_keys_missing_without_colour(picture: Picture) -> None:
    """NO_COLOR: words say what is amiss."""
    assert picture(workbench(*KEPT, then=("end",)), profile=SIGNING, colour=False)


def test_keys_light(picture: Picture) -> None:
    """The light theme, one key about to expire."""
    assert picture(workbench(*KEPT, then=("down", "down")), profile=SIGNING, theme="ccflow-light")


def test_keys_generate(picture: Picture) -> None:
    """The kinds of key, the first highlighted."""
    assert picture(workbench(*PAIR, then=("n",)), profile=SIGNING)


def test_keys_generate_narrow(picture: Picture) -> None:
    """60×18: all of it is in sight."""
    assert picture(workbench(*PAIR, then=("n",)), profile=SIGNING, size=NARROW)


def test_keys_generate_busy(picture: Picture) -> None:
    """A large key takes a while."""
    assert picture(key_scenes.generating, profile=SIGNING)


def test_keys_import_passphrase(picture: Picture) -> None:
    """A wrong passphrase is told, and asked for again."""
    assert picture(key_scenes.import_stopped_by_passphrase, profile=SIGNING)


def test_keys_import_passphrase_narrow(picture: Picture) -> None:
    """60×18."""
    assert picture(key_scenes.import_stopped_by_passphrase, profile=SIGNING, size=NARROW)


def test_keys_import_key_id(picture: Picture) -> None:
    """A JWK Set with two keys: they are named, and one is asked for."""
    assert picture(key_scenes.import_asks_for_a_key_id, profile=SIGNING)


def test_keys_import_key_id_narrow(picture: Picture) -> None:
    """60×18."""
    assert picture(key_scenes.import_asks_for_a_key_id, profile=SIGNING, size=NARROW)


def test_keys_import_found(picture: Picture) -> None:
    """What the file holds, before it is kept."""
    assert picture(key_scenes.import_looked_at, profile=SIGNING)


def test_keys_import_found_narrow(picture: Picture) -> None:
    """60×18."""
    assert picture(key_scenes.import_looked_at, profile=SIGNING, size=NARROW)


def test_keys_rotate(picture: Picture) -> None:
    """What rotation will do."""
    assert picture(workbench(PAIR[0], then=("r",)), profile=SIGNING)


def test_keys_rotated_narrow(picture: Picture) -> None:
    """60×18: old and new side by side."""
    assert picture(workbench(PAIR[0], then=("r", "enter")), profile=SIGNING, size=NARROW)


def test_keys_export_jwks(picture: Picture) -> None:
    """The JWK Set of a key and its successor."""
    assert picture(workbench(*PAIR, then=("down", "e")), profile=SIGNING)


def test_keys_export_jwks_narrow(picture: Picture) -> None:
    """60×18."""
    assert picture(workbench(*PAIR, then=("down", "e")), profile=SIGNING, size=NARROW)


def test_keys_delete(picture: Picture) -> None:
    """The question names the production profile that uses the key; the safe answer has the focus."""
    assert picture(workbench(*PAIR, then=("d",)), profile=SIGNING)


def test_keys_delete_narrow(picture: Picture) -> None:
    """60×18."""
    assert picture(workbench(*PAIR, then=("d",)), profile=SIGNING, size=NARROW)
