"""The console command `matting`: the commands under their short names, signed as typed."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from distinctions646.console import main
from distinctions646.process.commands import COMMANDS, as_typed, typed

ROOT = Path(__file__).parents[2]
START = "import sys; from distinctions646.console import main; sys.exit(main(sys.argv[1:]))"


def test_the_list_of_commands(capsys):
    with pytest.raises(SystemExit) as stop:
        main([])
    assert not stop.value.code
    shown = capsys.readouterr().out
    assert shown.startswith("matting build")
    assert not [name for name in COMMANDS if f"  {name} " not in shown]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_that_of_the_module_in_the_words_typed(name, capsys):
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])
    assert not stop.value.code
    shown = capsys.readouterr().out
    assert f"matting {name}" in "\n".join(shown.splitlines()[:6])
    assert "python -m benchmark." not in shown
    assert "(default: ('" not in shown
    assert "default: [" not in shown
    assert not [line for line in shown.splitlines() if line.count("(default:") > 1]
    assert find_spec(COMMANDS[name].module) is not None


def test_an_unknown_command_is_refused_with_its_neighbour(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["leaderbord"])
    assert stop.value.code == 2
    assert "there is no command 'leaderbord'; did you mean leaderboard?" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["predict"])
    assert "there is no command 'predict'; did you mean cutout?" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["build", "doctor"])
def test_an_unknown_dataset_is_refused_with_its_neighbour(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--dataset", "costum"])
    assert "did you mean custom?" in capsys.readouterr().err


def test_verify_of_results_names_the_command_for_them(tmp_path, capsys):
    (tmp_path / "mini-test" / "knn").mkdir(parents=True)
    (tmp_path / "mini-test" / "knn" / "run.json").write_text("{}")
    assert main(["verify", str(tmp_path)]) == 2
    assert "matting verify-results checks results" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "signature"),
    [
        ([sys.executable, "-c", START, "score"], "matting score: error: "),
        ([sys.executable, "-m", "benchmark.score"], "python -m benchmark.score: error: "),
    ],
)
def test_errors_are_signed_by_the_command_that_was_typed(command, signature, tmp_path):
    missing = str(tmp_path / "none")
    done = subprocess.run(
        [*command, "--alpha", missing, "--alpha-gt", missing],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 2
    assert done.stderr == f"{signature}--alpha {missing}: no such file or folder\n"


def test_a_dataset_that_is_not_built_is_answered_with_what_to_type(capsys, tmp_path):
    assert main(["run", "--dataset", "composition1k", "--out", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "matting build --dataset composition1k --source DIR --voc DIR" in error


def test_names_of_modules_become_commands_only_where_typed():
    text = "see python -m benchmark.run, python -m\n  distinctions646.build"
    assert as_typed(text) == text
    with typed("run"):
        assert as_typed(text) == "see matting run, matting build"


def test_a_shell_completes_commands_and_options(tmp_path):
    pytest.importorskip("argcomplete")
    assert "--protocol" in complete("matting run --prot", tmp_path)
    assert "leaderboard" in complete("matting lead", tmp_path)


def complete(line: str, folder: Path) -> str:
    """Return what argcomplete prints for a line, through a file instead of descriptor 8."""
    answer = folder / "answer"
    environment = {
        "PATH": "",
        "PYTHONPATH": str(ROOT),
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "_ARGCOMPLETE_IFS": "\n",
    }
    subprocess.run([sys.executable, "-c", START], env=environment, check=False, cwd=ROOT)
    return answer.read_text()


def test_an_interrupt_while_a_command_is_imported_is_one_line(monkeypatch, capsys):
    def interrupt(name):
        raise KeyboardInterrupt

    monkeypatch.setattr("distinctions646.console.import_module", interrupt)
    assert main(["build"]) == 130
    assert capsys.readouterr().err == "interrupted; run the same command again to resume\n"
