"""`mingcha sample`: files, one line of JSON, and sentences for mistakes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from mingcha.cli.sample import command
from mingcha.terms.errors import UsageError


@pytest.mark.slow
def test_a_city_is_written_and_summed_up(tmp_path: Path):
    done = CliRunner().invoke(command, [str(tmp_path / "city"), "--lines", "10000", "--seed", "3", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout.splitlines()[-1])
    assert 9_000 < told["fee_lines"] < 11_800, "so small a city is mostly plants"
    key = (tmp_path / "city" / "key.csv").read_text(encoding="utf-8").splitlines()
    assert len(key) - 1 == told["planted_lines"]


@pytest.mark.parametrize("options", [["--lines", "500"], ["--lines", "200000000"], ["--seed", "-1"]])
def test_measures_beyond_reason_are_refused(tmp_path: Path, options):
    refused = CliRunner().invoke(command, [str(tmp_path / "city"), *options])
    assert isinstance(refused.exception, UsageError)
    assert not (tmp_path / "city").exists()


def test_existing_files_are_never_overwritten(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    refused = CliRunner().invoke(command, [str(tmp_path)])
    assert isinstance(refused.exception, UsageError)
    assert str(tmp_path) in refused.exception.zh
