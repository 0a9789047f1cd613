"""Writing public text: never over a file unasked, and never half of it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ccflow_tui.files import replacing
from ccflow_tui.models.problems import FileTaken, InputProblem
from ccflow_tui.services import public_files
from ccflow_tui.services.public_files import write_public


async def test_a_new_file_is_written_whole_and_for_all_to_read(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        path = await write_public(str(tmp_path), "orders.jwks.json", "{“é”}\n")
    finally:
        os.umask(before)
    assert path == tmp_path / "orders.jwks.json"
    assert path.read_bytes() == "{“é”}\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


async def test_a_file_that_is_there_is_replaced_only_when_allowed(tmp_path: Path) -> None:
    taken = tmp_path / "key.pem"
    taken.write_text("old")
    with pytest.raises(FileTaken, match=r"key\.pem is there already"):
        await write_public(str(tmp_path), "key.pem", "new")
    assert taken.read_text() == "old"
    await write_public(str(tmp_path), "key.pem", "new", replace=True)
    assert taken.read_text() == "new"
    assert os.listdir(tmp_path) == ["key.pem"]


async def test_a_link_stays_a_link_when_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real.pem").write_text("old")
    (tmp_path / "key.pem").symlink_to("real.pem")
    with pytest.raises(FileTaken):
        await write_public(str(tmp_path), "key.pem", "new")
    await write_public(str(tmp_path), "key.pem", "new", replace=True)
    assert (tmp_path / "key.pem").is_symlink()
    assert (tmp_path / "real.pem").read_text() == "new"


async def test_a_home_folder_and_the_working_folder_are_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert await write_public("~", "a.pem", "a") == tmp_path / "a.pem"
    assert await write_public(" ", "b.pem", "b") == tmp_path / "b.pem"


async def test_a_name_leads_nowhere_else(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    assert await write_public(str(inner), "../a.pem", "a") == inner / "a.pem"


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("folder", ["nowhere", "file", "~nobody-of-this-name/x", "a\0b"], ids=repr)
async def test_what_cannot_be_written_names_the_folder(tmp_path: Path, folder: str, replace: bool) -> None:
    (tmp_path / "file").write_text("")
    place = folder if folder.startswith("~") else f"{tmp_path}/{folder}"
    with pytest.raises(InputProblem) as caught:
        await write_public(place, "a.pem", "a", replace=replace)
    assert caught.value.finding.field == "folder"
    assert caught.value.finding.remedy


async def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.pem").mkdir()
    with pytest.raises(InputProblem, match="cannot be written there"):
        await write_public(str(tmp_path), "a.pem", "a", replace=True)
    assert os.listdir(tmp_path) == ["a.pem"]


async def test_half_a_file_does_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(replacing, "open", full, raising=False)
    with pytest.raises(InputProblem, match="No space left"):
        await write_public(str(tmp_path), "a.pem", "a")
    assert os.listdir(tmp_path) == []


async def test_a_drive_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    gate = threading.Event()
    monkeypatch.setattr(public_files, "_TIMEOUT", 0.01)
    monkeypatch.setattr(public_files, "_write", lambda *_: gate.wait(5))
    with pytest.raises(InputProblem, match="in time"):
        await write_public(str(tmp_path), "a.pem", "a")
    gate.set()
