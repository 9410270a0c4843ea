# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables as text and as Markdown."""

from dataclasses import dataclass, field


@dataclass
class Table:
    """Rows of cells; the first column stands left, the others right. Notes are sentences below."""

    title: str
    columns: list
    rows: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def add(self, *cells):
        """One more row."""
        self.rows.append([cell if isinstance(cell, str) else number(cell) for cell in cells])

    def _widths(self):
        lines = [self.columns, *self.rows]
        return [max(len(line[i]) for line in lines) for i in range(len(self.columns))]

    def text(self):
        """For a terminal."""
        widths = self._widths()
        lines = [self.title]
        for row in [self.columns, *self.rows]:
            cells = [row[0].ljust(widths[0])]
            cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
            lines.append("  " + "  ".join(cells).rstrip())
        lines += ["  " + note for note in self.notes]
        return "\n".join(lines)

    def markdown(self):
        """For a README."""
        lines = [f"**{self.title}**", ""]
        lines.append("| " + " | ".join(self.columns) + " |")
        lines.append("|---|" + "--:|" * (len(self.columns) - 1))
        lines += ["| " + " | ".join(row) + " |" for row in self.rows]
        lines += ["", *self.notes] if self.notes else []
        return "\n".join(lines)


def number(value):
    """Three digits are enough for what swings by a tenth."""
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(figures, scale=1.0):
    """'median (min-max)' of what harness.summary() gave."""
    low, middle, high = (number(figures[key] * scale) for key in ("min", "median", "max"))
    return f"{middle} ({low}-{high})"
