from __future__ import annotations

from pathlib import Path

import pytest

from ccflow_tui.config.env_file import read_env_file, read_env_variable
from ccflow_tui.config.feature_flags import flow_enabled
from ccflow_tui.config.layers import Layers
from ccflow_tui.config.paths import Paths, default_paths
from ccflow_tui.config.settings import ClientCredentialsSettings, OAuthSettings, Settings
from ccflow_tui.config.settings_file import chosen_by_user, find_settings
from ccflow_tui.models.problems import InputProblem, SettingsProblem
from tests.support.layers import trusted


class TestPaths:
    def test_home_variable_replaces_both_folders(self, tmp_path: Path) -> None:
        paths = default_paths({"CCFLOW_HOME": f" {tmp_path} "})
        assert paths == Paths(tmp_path, tmp_path)
        assert paths.settings_file == tmp_path / "settings.json"
        assert paths.state_file == tmp_path / "state.json"
        assert paths.history_file == tmp_path / "history.sqlite3"
        assert paths.themes_dir == tmp_path / "themes"

    def test_home_variable_may_begin_with_a_tilde(self) -> None:
        assert default_paths({"CCFLOW_HOME": "~/x"}).config_dir == Path.home() / "x"

    def test_platform_folders_otherwise(self) -> None:
        paths = default_paths({"CCFLOW_HOME": " "})
        assert "ccflow" in paths.config_dir.parts and "ccflow" in paths.state_dir.parts


class TestFindSettings:
    @pytest.fixture
    def paths(self, tmp_path: Path) -> Paths:
        (tmp_path / "config").mkdir()
        return Paths(tmp_path / "config", tmp_path / "state")

    def test_order_is_named_then_working_folder_then_users(self, tmp_path: Path, paths: Paths) -> None:
        assert find_settings(None, tmp_path, paths) is None
        paths.settings_file.write_text("{}")
        assert find_settings(None, tmp_path, paths) == paths.settings_file
        local, named = tmp_path / "settings.json", tmp_path / "named.json"
        local.write_text("{}")
        assert find_settings(None, tmp_path, paths) == local
        named.write_text("{}")
        assert find_settings(named, tmp_path, paths) == named

    def test_only_a_named_file_and_the_users_own_are_the_users_choice(
        self, tmp_path: Path, paths: Paths
    ) -> None:
        local = tmp_path / "settings.json"
        assert chosen_by_user(local, local, paths)
        assert chosen_by_user(paths.settings_file, None, paths)
        assert not chosen_by_user(local, None, paths)

    def test_named_file_must_be_there(self, tmp_path: Path, paths: Paths) -> None:
        (tmp_path / "settings.json").write_text("{}")
        with pytest.raises(SettingsProblem, match=r"missing\.json: There is no such file.*--settings"):
            find_settings(tmp_path / "missing.json", tmp_path, paths)

    def test_a_tilde_in_a_named_file_is_the_home_folder(
        self, tmp_path: Path, paths: Paths, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("USERPROFILE", str(tmp_path))
        (tmp_path / "s.json").write_text("{}")
        assert find_settings(Path("~/s.json"), tmp_path, paths) == tmp_path / "s.json"


class TestEnvFile:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        return tmp_path / ".env"

    def test_missing_file_is_no_file(self, file: Path) -> None:
        assert read_env_file(file) == {}

    def test_only_our_variables_and_no_interpolation(self, file: Path) -> None:
        file.write_text(
            "# comment\nDATABASE_URL=postgres://x\nexport CCFLOW_CLIENT_ID=abc # id\n"
            "CCFLOW_CLIENT_SECRET=\"a$HOME${PATH}\"\nCCFLOW_SCOPE='a b'\nCCFLOW_REGION\nCCFLOW_KID=\n",
            encoding="utf-8",
        )
        assert read_env_file(file) == {
            "CCFLOW_CLIENT_ID": "abc",
            "CCFLOW_CLIENT_SECRET": "a$HOME${PATH}",
            "CCFLOW_SCOPE": "a b",
            "CCFLOW_KID": "",
        }

    def test_windows_file(self, file: Path) -> None:
        file.write_bytes(b"\xef\xbb\xbfCCFLOW_CLIENT_ID=abc\r\nCCFLOW_REGION=eu\r\n")
        assert read_env_file(file) == {"CCFLOW_CLIENT_ID": "abc", "CCFLOW_REGION": "eu"}

    def test_broken_line_of_ours_is_named_and_not_repeated(self, file: Path) -> None:
        file.write_text('A=1\n\nCCFLOW_CLIENT_SECRET="CANARY\nB=2\n', encoding="utf-8")
        with pytest.raises(SettingsProblem) as caught:
            read_env_file(file)
        assert caught.value.where == "line 3"
        assert "CANARY" not in str(caught.value)

    def test_broken_line_of_another_program_is_passed_over_in_silence(
        self, file: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        file.write_text('OTHER="open\nCCFLOW_REGION=eu\n', encoding="utf-8")
        assert read_env_file(file) == {"CCFLOW_REGION": "eu"}
        assert capfd.readouterr() == ("", "") and not caplog.records


class TestOneVariable:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / ".env"
        path.write_text('OTHER=x\nMY_KEY=old\nMY_KEY="a\nb"\nEMPTY=\nBROKEN="x\n', encoding="utf-8")
        return path

    def test_any_variable_is_found_by_name_and_the_last_one_wins(self, file: Path) -> None:
        assert read_env_variable(file, "MY_KEY") == "a\nb"

    def test_what_is_not_there_is_empty(self, file: Path) -> None:
        assert read_env_variable(file, "EMPTY") == read_env_variable(file, "NONE") == ""
        assert read_env_variable(file.with_name("none"), "MY_KEY") == ""

    def test_its_broken_line_is_named(self, file: Path) -> None:
        with pytest.raises(SettingsProblem, match="cannot be understood") as caught:
            read_env_variable(file, "BROKEN")
        assert caught.value.where == "line 6"


class TestFeatureFlag:
    @staticmethod
    def settings(enabled: bool | None) -> Settings:
        return Settings(oauth=OAuthSettings(client_credentials=ClientCredentialsSettings(enabled=enabled)))

    @pytest.mark.parametrize(
        ("flag", "production", "override", "enabled"),
        [
            (None, False, None, True),
            (None, True, None, False),
            (True, True, None, True),
            (False, False, None, False),
            (False, True, "1", True),
            (True, False, " Off ", False),
            (None, True, "yes", True),
            (None, True, "  ", False),
        ],
    )
    def test_decision(self, flag: bool | None, production: bool, override: str | None, enabled: bool) -> None:
        decision = flow_enabled(
            trusted(settings=self.settings(flag), environment={"CCFLOW_ENABLED": override or ""}),
            production=production,
        )
        assert decision.enabled is enabled
        assert decision.reason
        if not enabled:
            assert "CCFLOW_ENABLED" in decision.reason

    def test_without_settings(self) -> None:
        assert flow_enabled(Layers(), production=False).enabled
        assert not flow_enabled(Layers(), production=True).enabled

    def test_override_must_say_yes_or_no(self) -> None:
        with pytest.raises(InputProblem, match=r"CCFLOW_ENABLED: .*true, yes"):
            flow_enabled(Layers(env_file={"CCFLOW_ENABLED": "maybe"}), production=False)
