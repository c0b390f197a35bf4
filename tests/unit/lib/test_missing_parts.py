"""What is not installed, not compiled, or not of this version is told with the command that mends it."""

import pytest
import solcx

from scripts.lib import artifacts, compiler, municipality_codes, workspace
from scripts.lib.artifacts import ArtifactError, read_all_artifacts, read_artifact
from scripts.lib.compiler import Compilation, CompilationError, compile_sources
from scripts.lib.project import ProjectError, connect
from scripts.lib.workspace import ROOT, TOOLS


def test_contract_that_was_not_compiled_is_told_with_the_command():
    with pytest.raises(ArtifactError, match=r"Surprise is not in build/: run `make compile`"):
        read_artifact("Surprise")


@pytest.mark.parametrize("digest", [None, "of other sources"])
@pytest.mark.parametrize("read", [lambda: read_artifact("Officers"), lambda: next(read_all_artifacts())])
def test_build_of_other_sources_is_not_used(digest, read, tmp_path, monkeypatch):
    """Whoever has changed a contract would go on with the one before."""
    file = tmp_path / "sources.sha256"
    if digest is not None:
        file.write_text(digest, encoding="ascii")
    monkeypatch.setattr(artifacts, "DIGEST_FILE", file)
    with pytest.raises(ArtifactError, match=r"build/ is older than the sources: run `make compile`"):
        read()


def test_tools_that_are_not_installed_are_told_with_the_command(monkeypatch):
    monkeypatch.setattr(workspace, "NODE", TOOLS / "nothing" / "node")
    with pytest.raises(FileNotFoundError, match=r"node is missing: run `make install`"):
        workspace.stay_inside()


def test_list_of_municipalities_that_is_not_installed_is_told_with_the_command(monkeypatch):
    monkeypatch.setattr(municipality_codes, "_LIST", ROOT / "node_modules" / "nothing.json")
    with pytest.raises(FileNotFoundError, match=r"nothing.json is missing: run `make install`"):
        municipality_codes.municipalities.__wrapped__()


def test_brownie_that_is_connected_is_not_connected_to_a_second_chain():
    with pytest.raises(ProjectError, match="connected to a chain already"):
        connect(None)


@pytest.mark.parametrize(
    ("options", "runs", "by_ir"), [({}, 200, None), ({"optimizer_runs": 1, "via_ir": True}, 1, True)]
)
def test_compiler_is_asked_for_the_projects_settings_or_those_that_are_measured(
    options, runs, by_ir, monkeypatch
):
    asked = []

    def compile_standard(request, **_):
        asked.append(request["settings"])
        return {"contracts": {}}

    monkeypatch.setattr(solcx, "compile_standard", compile_standard)
    compile_sources({"contracts/Nothing.sol": ""}, **options)
    [settings] = asked
    assert (settings["optimizer"], settings.get("viaIR")) == ({"enabled": True, "runs": runs}, by_ir)


@pytest.mark.parametrize(
    ("warnings", "code"), [([], 0), (["Warning: unused variable"], 1)], ids=["in order", "warning"]
)
def test_check_of_the_compiler_fails_for_a_warning_too(warnings, code, monkeypatch, capsys):
    monkeypatch.setattr(compiler, "compile_files", lambda _: Compilation({}, warnings))
    assert compiler.main() == code
    assert capsys.readouterr().err.splitlines() == warnings


def test_check_of_the_compiler_fails_with_what_does_not_compile(monkeypatch, capsys):
    def refuse(_):
        raise CompilationError("Undeclared identifier")

    monkeypatch.setattr(compiler, "compile_files", refuse)
    assert compiler.main() == 1
    assert capsys.readouterr().err == "Undeclared identifier\n"
