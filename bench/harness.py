# SPDX-License-Identifier: GPL-2.0-or-later
"""What every section of the benchmark shares: how things are built, run and timed."""

import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("YETT_BUILD", ROOT / "build" / "release"))


class Failed(Exception):
    """Something that a section needs did not work; the message is for people."""


def command(words, stdin=None, check=True):
    """Runs a program and gives back what it printed."""
    done = subprocess.run(
        [str(word) for word in words], input=stdin, capture_output=True, text=True, check=False
    )
    if check and done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[:500]
        raise Failed(f"{words[0]} {' '.join(map(str, words[1:4]))} ended with "
                     f"{done.returncode}: {said}")
    return done.stdout


def summary(samples):
    """Median, minimum and maximum of some rounds."""
    return {
        "median": statistics.median(samples),
        "min": min(samples),
        "max": max(samples),
        "rounds": len(samples),
    }


def alternate(contenders, rounds):
    """Calls each of contenders (name -> function that gives a figure) in turn, A B C A B C ...

    The first turn warms up and does not count. Gives name -> summary.
    """
    samples = {name: [] for name in contenders}
    for turn in range(rounds + 1):
        for name, measure in contenders.items():
            figure = measure()
            if turn:
                samples[name].append(figure)
    return {name: summary(list_) for name, list_ in samples.items()}


class Bench:
    """One run: its mode, its folder for large files, and the programs that were built for it.

    rules, trace: files in ClassBench's format that are measured in place of generated ones.
    mode: "smoke" (seconds; shows that everything works, no figure is worth reading), "quick"
    (minutes) or "normal".
    """

    def __init__(self, mode, rules=None, trace=None):
        self.mode = mode
        self.rules = rules
        self.trace = trace
        self.rounds = {"smoke": 1, "quick": 5, "normal": 9}[mode]
        self._folder = tempfile.TemporaryDirectory(prefix="yett-bench-")
        self.folder = pathlib.Path(self._folder.name)

    def pick(self, smoke, quick, normal):
        """The value that the mode asks for."""
        return {"smoke": smoke, "quick": quick, "normal": normal}[self.mode]

    def program(self, name):
        """A measuring program of bench/, or yett or yettd."""
        path = BUILD / "bench" / f"yett_bench_{name}"
        return str(path if path.exists() else BUILD / name)

    def run(self, name, *arguments, check=True):
        """The text that a measuring program prints."""
        return command([self.program(name), *arguments], check=check)

    def json(self, name, *arguments):
        """The JSON that a measuring program prints."""
        text = self.run(name, *arguments, check=False)
        try:
            answer = json.loads(text)
        except json.JSONDecodeError as fault:
            raise Failed(f"{name} did not answer: {text[:300]}") from fault
        if "error" in answer:
            raise Failed(answer["error"])
        return answer

    def generated(self, form, shape, count, *more):
        """A file of generated rules or headers; made once a run.

        With --rules (and --trace) those files stand in place of shape and count.
        """
        made_up = [] if self.rules else ["--shape", shape, "--rules", str(count)]
        words = ["--form", form, *made_up, *self.files(), *more]
        path = self.folder / "-".join([form, shape, str(count), *more]).replace("--", "")
        if path.exists():
            return path
        with open(path, "wb") as file:
            program = [self.program("generate"), *words]
            made = subprocess.run(program, stdout=file, stderr=subprocess.PIPE, check=False)
        if made.returncode != 0:
            path.unlink()
            raise Failed(made.stderr.decode().strip()[:300])
        return path

    def files(self):
        """Words that give a measuring program the files of --rules and --trace."""
        words = ["--rules-file", self.rules] if self.rules else []
        return words + (["--trace-file", self.trace] if self.trace else [])

    def rulesets(self, sizes, shapes=("acl",)):
        """(shape, size) of the rulesets to measure: the given ones, or the one file."""
        if not self.rules:
            return [(shape, size) for size in sizes for shape in shapes]
        figures = self.json("generate", "--form", "figures", *self.files())
        return [("file", figures["rules"])]

    def say(self, text):
        """Progress, for whoever waits."""
        print(f"  {text}", file=os.sys.stderr, flush=True)


def load_average():
    """The average of the last minute: the noise that others make."""
    return os.getloadavg()[0]


def stopwatch(function):
    """Seconds that a call takes, and what it gives back."""
    begin = time.monotonic()
    value = function()
    return time.monotonic() - begin, value
