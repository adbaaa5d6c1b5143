"""The tables of an analysis as CSV files."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

from melogit.camhs.compared import comparison_columns
from melogit.camhs.paper import odds_columns
from melogit.camhs.risks import Columns, e_value_columns
from melogit.spreadsheet import harmless_label

if TYPE_CHECKING:
    from melogit.camhs.analysis import Analysis


def write_tables(analysis: Analysis, folder: Path) -> list[Path]:
    """Write each table into `folder`, numbers in full; ``table.csv`` is the printed one."""
    folder.mkdir(parents=True, exist_ok=True)
    core, question = analysis.adjusted._core, analysis.question
    tables: dict[str, Columns | None] = {
        "odds_ratios": odds_columns(analysis),
        "risks": analysis.risk_columns,
        "e_values": e_value_columns(analysis.risk_columns),
        "flow": analysis.counts.columns(),
        "locations": core.heterogeneity(question.level),
        "planted": comparison_columns(core, question, analysis.planted),
    }
    written = [
        _write(folder / f"{name}.csv", columns) for name, columns in tables.items() if columns
    ]
    printed = folder / "table.csv"
    # The mark at the start makes spreadsheets read the accents of a label as UTF-8.
    printed.write_text(analysis.table().csv(), encoding="utf-8-sig", newline="")
    return [*written, printed]


def _write(path: Path, columns: Columns) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(
            [_cell(value) for value in row] for row in zip(*columns.values(), strict=True)
        )
    return path


def _cell(value: Any) -> Any:
    """Keep numbers whole, leave the unknown empty, and keep a label from running as a formula."""
    if value is None or value != value:
        return ""
    return harmless_label(value) if isinstance(value, str) else value
