"""The figures as a Markdown table and as JSON (the schema stands in docs/benchmarks.md)."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import psycopg

from reports.bench.measure import percentile, server_version
from reports.bench.portfolio import SEED

if TYPE_CHECKING:
    from reports.bench.measure import Measured
    from reports.bench.wide import Wide

SCHEMA = 2


def figures(measured: Measured, wide: Wide | None = None) -> dict[str, Any]:
    """Everything measured, in milliseconds, with the circumstances."""
    sizes = [
        {
            "open_items": series.open_items,
            "n": len(series.service),
            "service_ms": _summary(series.service),
            "floor_ms": _summary(series.floor),
            "ratio_p50": _ratio(percentile(series.service, 50), percentile(series.floor, 50)),
            "ratio_p95": _ratio(percentile(series.service, 95), percentile(series.floor, 95)),
        }
        for series in measured.series
    ]
    return {
        "schema": SCHEMA,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cpu": cpu_name(),
            "cores": os.cpu_count() or 0,
            "load_before": round(measured.load_before, 2),
            "load_after": round(measured.load_after, 2),
        },
        "versions": {
            "python": platform.python_version(),
            "django": django.get_version(),
            "psycopg": psycopg.__version__,
            "postgresql": server_version(),
        },
        "seed": SEED,
        "customers_per_size": measured.customers,
        "statements": measured.statements,
        "sizes": sizes,
        "added_ms": _added(sizes),
        "portfolio": _portfolio(wide) if wide else None,
    }


def _portfolio(wide: Wide) -> dict[str, Any]:
    made = wide.made
    return {
        "customers": made.customers,
        "items": made.items,
        "documents": made.documents,
        "rows": made.rows,
        "generate_rows_per_s": round(made.rows / made.seconds),
        "copy_rows_per_s": round(wide.copy_rows_per_second),
        "accounts": wide.accounts,
        "exposure_ms": _summary(wide.exposure),
        "sums_ms": _summary(wide.sums),
        "ratio_p50": _ratio(percentile(wide.exposure, 50), percentile(wide.sums, 50)),
    }


def _summary(times: list[float]) -> dict[str, float]:
    return {"p50": round(percentile(times, 50), 3), "p95": round(percentile(times, 95), 3)}


def _ratio(service: float, floor: float) -> float | None:
    return round(service / floor, 2) if floor > 0 else None


def _added(sizes: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What the step from the fewest to the most open items adds to the median of both."""
    if len(sizes) < 2:
        return None
    ordered = sorted(sizes, key=lambda size: size["open_items"])
    few, many = ordered[0], ordered[-1]
    service = many["service_ms"]["p50"] - few["service_ms"]["p50"]
    floor = many["floor_ms"]["p50"] - few["floor_ms"]["p50"]
    return {
        "from": few["open_items"],
        "to": many["open_items"],
        "service_p50": round(service, 3),
        "floor_p50": round(floor, 3),
        "ratio": _ratio(service, floor),
    }


def cpu_name() -> str:
    """The processor's name as the system knows it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def markdown(data: dict[str, Any]) -> str:
    """The figures for people."""
    machine, versions = data["machine"], data["versions"]
    lines = [
        "Credit check of a submitted order, from the call to the committed decision, beside the",
        f"bare SQL floor (its own {data['statements']} statements re-issued with psycopg).",
        "Times in milliseconds.",
        "",
        "| open items | n | service p50 | service p95 | floor p50 | floor p95 | p50 ÷ floor |",
        "|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {size['open_items']:,} | {size['n']}"
        f" | {size['service_ms']['p50']:.2f} | {size['service_ms']['p95']:.2f}"
        f" | {size['floor_ms']['p50']:.2f} | {size['floor_ms']['p95']:.2f}"
        f" | {_shown(size['ratio_p50'])} |"
        for size in data["sizes"]
    ]
    added = data["added_ms"]
    if added is not None:
        lines += [
            "",
            f"Added from {added['from']:,} to {added['to']:,} open items (p50): service"
            f" {added['service_p50']:.2f} ms, floor {added['floor_p50']:.2f} ms,"
            f" ratio {_shown(added['ratio'])}.",
        ]
    if data["portfolio"] is not None:
        lines += ["", *_portfolio_lines(data["portfolio"])]
    lines += [
        "",
        f"{machine['cpu']}, {machine['cores']} cores, load {machine['load_before']:.1f} before and"
        f" {machine['load_after']:.1f} after; Python {versions['python']},"
        f" Django {versions['django']}, psycopg {versions['psycopg']},"
        f" PostgreSQL {versions['postgresql']}; seed {data['seed']},"
        f" {data['customers_per_size']} customers per size; measured {data['measured_at']}.",
    ]
    return "\n".join(lines)


def _portfolio_lines(data: dict[str, Any]) -> list[str]:
    return [
        f"Portfolio of {data['customers']:,} customers, {data['items']:,} debit items and"
        f" {data['documents']:,} documents: {data['rows']:,} rows written at"
        f" {data['generate_rows_per_s']:,} rows/s (bare COPY of ledger lines without keys"
        f" {data['copy_rows_per_s']:,} rows/s). Exposure of all {data['accounts']:,} accounts in"
        f" one statement {data['exposure_ms']['p50']:.1f} ms p50, plain sums of the same tables"
        f" {data['sums_ms']['p50']:.1f} ms, ratio {_shown(data['ratio_p50'])}.",
    ]


def _shown(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.2f}"
