# SPDX-License-Identifier: GPL-2.0-or-later
"""Line charts as SVG, both axes logarithmic."""

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 860, 480
LEFT, RIGHT, TOP, BOTTOM = 84, 196, 64, 62
INK, FAINT, PAPER = "#1f2933", "#d9dee4", "#ffffff"
COLOURS = {"yett": "#c0392b", "XDP_DROP": "#7b8794"}
OTHERS = ("#1f6fb2", "#2d8a4e", "#8e5bb5", "#c77d0a", "#0f8b8d")


def _units(value):
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:g}{unit}"
    return f"{value:g}"


def _duration(value):
    for limit, unit in ((1e9, "s"), (1e6, "ms"), (1e3, "µs")):
        if value >= limit:
            return f"{value / limit:g} {unit}"
    return f"{value:g} ns"


class Axis:
    """Maps values to pixels, decade by decade."""

    def __init__(self, values, begin, end):
        self.low = math.floor(math.log10(min(values)) + 1e-9)
        self.high = max(self.low + 1, math.ceil(math.log10(max(values)) - 1e-9))
        self.begin, self.end = begin, end

    def at(self, value):
        """The place of a value."""
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.begin + share * (self.end - self.begin)

    def decades(self):
        """Powers of ten on the axis."""
        return [10.0**power for power in range(self.low, self.high + 1)]


def _text(x, y, text, size=13, anchor="start", colour=INK, more=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
            f'fill="{colour}" {more}>{escape(text)}</text>')


def _grid(x_axis, y_axis):
    parts = []
    for value in y_axis.decades():
        y = y_axis.at(value)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
                     f'stroke="{FAINT}"/>')
        parts.append(_text(LEFT - 10, y + 4.5, _duration(value), anchor="end"))
    for value in x_axis.decades():
        x = x_axis.at(value)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" '
                     f'stroke="{FAINT}"/>')
        parts.append(_text(x, HEIGHT - BOTTOM + 22, _units(value), anchor="middle"))
    return parts


def _spread_labels(places, least=19):
    """Moves labels apart that would lie on each other; name -> y."""
    out, last = {}, -math.inf
    for name, y in sorted(places.items(), key=lambda item: item[1]):
        last = out[name] = max(y, last + least)
    return out


def _line(points, colour, strong):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    parts = [f'<polyline points="{path}" fill="none" stroke="{colour}" '
             f'stroke-width="{3.4 if strong else 2}" stroke-linejoin="round"/>']
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{4.4 if strong else 3.2}" fill="{colour}"/>'
              for x, y in points]
    return parts


def log_log(title, x_title, y_title, lines, notes=None):
    """lines: name -> [(x, y)]. Names stand at the ends of their lines; notes stand in small behind
    them."""
    points = [point for line in lines.values() for point in line]
    x_axis = Axis([x for x, _ in points], LEFT, WIDTH - RIGHT)
    y_axis = Axis([y for _, y in points], HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="system-ui, Helvetica, Arial, sans-serif">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>',
        _text(LEFT, 28, title, 18, more='font-weight="600"'),
        _text(LEFT, 48, y_title, 13, colour="#52606d"),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 16, x_title, 13, "middle", "#52606d"),
    ]
    parts += _grid(x_axis, y_axis)
    places = {name: y_axis.at(line[-1][1]) for name, line in lines.items()}
    labels = _spread_labels(places)
    others = iter(OTHERS * 3)
    for name, line in lines.items():
        colour = COLOURS.get(name) or next(others)
        pixels = [(x_axis.at(x), y_axis.at(y)) for x, y in line]
        parts += _line(pixels, colour, name == "yett")
        weight = 'font-weight="700"' if name == "yett" else ""
        x = pixels[-1][0] + 12
        parts.append(_text(x, labels[name] + 4.5, name, 14, colour=colour, more=weight))
        if notes and name in notes:
            parts.append(_text(x, labels[name] + 18.5, notes[name], 11, colour="#7b8794"))
    return "\n".join([*parts, "</svg>"]) + "\n"
