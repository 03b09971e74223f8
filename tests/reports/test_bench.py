"""`make bench`: the shape of its figures, and that it measures what it says. No stopwatch."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from reports.bench.measure import percentile
from reports.bench.report import markdown

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker


def test_percentiles_are_times_that_were_measured() -> None:
    times = [5.0, 1.0, 4.0, 2.0, 3.0]

    assert percentile(times, 50) == 3.0
    assert percentile(times, 95) == 5.0
    assert percentile([7.0], 50) == 7.0
    assert percentile(list(map(float, range(1, 101))), 95) == 95.0


def numbers(value: Any) -> list[Any]:
    """Every number somewhere inside."""
    if isinstance(value, dict):
        return [found for part in value.values() for found in numbers(part)]
    if isinstance(value, list):
        return [found for part in value for found in numbers(part)]
    return [value] if isinstance(value, int | float) else []


def test_a_small_run_writes_figures_of_the_documented_shape(
    django_db_blocker: DjangoDbBlocker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    path = tmp_path / "bench.json"
    monkeypatch.setenv("BENCH_JSON", str(path))
    own = connections.settings["default"]["NAME"]

    with django_db_blocker.unblock():
        call_command(
            "bench",
            "--size",
            "3=2",
            "--size",
            "90=3",
            "--customers=2",
            "--warm-up=1",
            "--portfolio",
            "5,40,30",
        )

    assert connections.settings["default"]["NAME"] == own
    data = json.loads(path.read_text(encoding="utf-8"))
    assert {*data} == {
        "schema",
        "measured_at",
        "machine",
        "versions",
        "seed",
        "customers_per_size",
        "statements",
        "sizes",
        "added_ms",
        "portfolio",
    }
    assert data["schema"] == 2
    wide = data["portfolio"]
    assert (wide["customers"], wide["accounts"]) == (5, 5)
    assert wide["items"] >= 40
    assert wide["documents"] >= 30
    assert min(numbers(wide)) > 0
    assert {*data["machine"]} == {"cpu", "cores", "load_before", "load_after"}
    assert {*data["versions"]} == {"python", "django", "psycopg", "postgresql"}
    assert [(size["open_items"], size["n"]) for size in data["sizes"]] == [(3, 2), (90, 3)]
    for size in data["sizes"]:
        assert {*size} == {
            "open_items",
            "n",
            "service_ms",
            "floor_ms",
            "ratio_p50",
            "ratio_p95",
        }
        assert {*size["service_ms"]} == {*size["floor_ms"]} == {"p50", "p95"}
        assert 0 < size["service_ms"]["p50"] <= size["service_ms"]["p95"]
        assert 0 < size["floor_ms"]["p50"] <= size["floor_ms"]["p95"]
    assert {*data["added_ms"]} == {"from", "to", "service_p50", "floor_p50", "ratio"}
    assert (data["added_ms"]["from"], data["added_ms"]["to"]) == (3, 90)
    assert 10 <= data["statements"] <= 25
    # The report is all there is to read; progress goes beside it, and no log of what ran.
    quiet = [record for record in caplog.records if record.levelno < logging.WARNING]
    assert [record.getMessage() for record in quiet] == []
    assert logging.root.manager.disable == logging.NOTSET
    told, beside = capsys.readouterr()
    assert told.lstrip().startswith("Credit check of a submitted order")
    assert "{" not in told + beside
    assert "| open items | n | service p50 |" in told
    assert f"| 90 | 3 | {data['sizes'][1]['service_ms']['p50']:.2f} |" in told
    assert data["machine"]["cpu"] in told


def test_a_portfolio_that_means_nothing_is_refused() -> None:
    with pytest.raises(CommandError, match="is not CUSTOMERS,ITEMS,DOCUMENTS"):
        call_command("bench", "--portfolio", "5,many,3")


@pytest.mark.parametrize("size", ["10", "0=5", "10=0", "ten=3", "10=3=4"])
def test_sizes_that_mean_nothing_are_refused(size: str) -> None:
    with pytest.raises(CommandError, match="is not OPEN_ITEMS=ROUNDS"):
        call_command("bench", "--size", size)


def test_without_a_second_size_nothing_is_added() -> None:
    data = {
        "machine": {"cpu": "x", "cores": 2, "load_before": 0.0, "load_after": 0.0},
        "versions": {"python": "3", "django": "6", "psycopg": "3", "postgresql": "17"},
        "seed": 1,
        "customers_per_size": 1,
        "statements": 20,
        "measured_at": "2026-03-31",
        "added_ms": None,
        "portfolio": None,
        "sizes": [
            {
                "open_items": 1000,
                "n": 1,
                "service_ms": {"p50": 2.0, "p95": 2.0},
                "floor_ms": {"p50": 0.0, "p95": 0.0},
                "ratio_p50": None,
                "ratio_p95": None,
            }
        ],
    }

    table = markdown(data)

    assert "| 1,000 | 1 | 2.00 | 2.00 | 0.00 | 0.00 | – |" in table
    assert "Added from" not in table
