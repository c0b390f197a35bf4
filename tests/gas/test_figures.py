import msgspec

from scripts.bench import exit_code
from scripts.lib.gas.figures import Figure, as_json, differences


def test_figure_at_its_limit_keeps_it():
    assert Figure("payment", 103, 100, limit=1.03).keeps_limit


def test_figure_past_its_limit_fails_the_bench_and_is_named(capsys):
    figures = [Figure("payment", 104, 100, limit=1.03), Figure("mint", 104, 100)]
    assert exit_code(figures) == 1
    assert capsys.readouterr().err == "payment: 104 is not ≤ 1.03 of 100\n"


def test_figure_short_of_its_least_fails_the_bench_and_is_named(capsys):
    figures = [Figure("rate", 49, 100, least=0.5), Figure("rate", 50, 100, least=0.5)]
    assert exit_code(figures) == 1
    assert capsys.readouterr().err == "rate: 49 is not ≥ 0.50 of 100\n"


def test_figure_with_limit_and_without_anchor_fails():
    assert exit_code([Figure("payment", 1, None, limit=1.03)]) == 1


def test_json_holds_every_figure_by_name():
    written = msgspec.json.decode(
        as_json([Figure("payment", 104, 100), Figure("lapse", 7.5, None, "gas per account")])
    )
    assert written == {
        "payment": {"ours": 104, "anchor": 100, "ratio": 1.04, "unit": "gas"},
        "lapse": {"ours": 7.5, "anchor": None, "ratio": None, "unit": "gas per account"},
    }


def test_differences_name_changed_missing_and_new_figures():
    recorded = {"a": {"ours": 1, "anchor": 2, "unit": "gas"}, "b": {"ours": 1, "anchor": 2, "unit": "gas"}}
    found = {"a": {"ours": 3, "anchor": 2, "unit": "gas"}, "c": {"ours": 5, "anchor": None, "unit": "gas"}}
    assert differences(recorded, found) == [
        "a, ours: 1 is now 3",
        "b: recorded, but not measured any more",
        "c: new, 5 gas",
    ]


def test_differences_of_equal_figures_are_none():
    recorded = {"a": {"ours": 1, "anchor": 2, "unit": "gas"}}
    assert differences(recorded, recorded) == []
