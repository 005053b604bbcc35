"""The home directory: made once, refused when newer or foreign, and never shared by two."""

import json
import shutil
from pathlib import Path

import pytest

from mingcha.home.directory import LAYOUT, Home
from mingcha.home.secrets import Secrets
from mingcha.terms.errors import InputError, PlatformError


def test_the_place_comes_from_the_environment_and_opens_again(tmp_path: Path) -> None:
    home = Home.open(environ={"MINGCHA_HOME": str(tmp_path / "a"), "DATABASE_URL": ""})
    assert home.path == tmp_path / "a" and home.database_url is None
    assert Home.open(tmp_path / "a", environ={}) == home


def test_only_its_owner_enters_and_reads_the_secrets(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "a", environ={})
    modes = {p.name: oct(p.stat().st_mode & 0o777) for p in (home.path, *(home.path / "secrets").iterdir())}
    assert modes == {"a": "0o700", "keys.json": "0o600", "passwords.json": "0o600"}


def test_a_newer_home_is_refused(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "a", environ={})
    told = json.loads((home.path / "home.json").read_text())
    (home.path / "home.json").write_text(json.dumps(told | {"layout": LAYOUT + 1, "version": "9.9"}))
    with pytest.raises(PlatformError, match=r"9\.9"):
        Home.open(home.path, environ={})


def test_a_directory_of_someone_elses_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.doc").touch()
    with pytest.raises(PlatformError, match=r"letters\.doc"):
        Home.open(tmp_path, environ={})
    assert [p.name for p in tmp_path.iterdir()] == ["letters.doc"]


def test_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PlatformError):
        Home.open(tmp_path / "file" / "home", environ={})


def test_a_creation_cut_short_is_made_again(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "a", environ={})
    (home.path / "home.json").unlink()
    assert Home.open(home.path, environ={}).id != home.id


def test_a_copy_is_a_home_of_its_own_and_a_moved_one_stays_itself(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "a", environ={})
    shutil.copytree(home.path, tmp_path / "copy")
    assert Home.open(tmp_path / "copy", environ={}).id != home.id
    home.path.rename(tmp_path / "moved")
    assert Home.open(tmp_path / "moved", environ={}).id == home.id


def test_missing_secrets_are_never_made_anew(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "a", environ={})
    (home.path / "secrets" / "keys.json").unlink()
    with pytest.raises(PlatformError, match=r"keys\.json"):
        _ = Home.open(home.path, environ={}).secrets.token


def test_kept_keys_go_back_only_where_they_fit(tmp_path: Path) -> None:
    one, other = (Secrets.create(tmp_path / name) for name in ("one", "other"))
    with pytest.raises(InputError):
        one.put_back("{}", None)
    with pytest.raises(InputError):
        one.put_back(other.export(), one.fingerprint)
    one.put_back(other.export(), other.fingerprint)
    assert one.token == other.token and one.password("job") != other.password("job")
