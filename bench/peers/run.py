"""Runs our benchmark and the rivals' in turns, slice by slice, and prints one table.

    run.py BENCH ENVIRONMENTS [--workloads W1,W3] [--threads N] [--slices N] [--slice-s S]

BENCH is our program; ENVIRONMENTS a folder with one Python environment a rival, named after it.
"""
import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Program:
    """One process that asks for its turns."""

    def __init__(self, command, threads):
        env = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            env[name] = str(threads)
        cores = str(os.cpu_count() - 1) if threads == 1 else f"0-{os.cpu_count() - 1}"
        self.process = subprocess.Popen(["taskset", "-c", cores, *command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=env)
        self.lines, self.done = [], False
        self.listen()

    def listen(self):
        """Until it asks for a turn, or ends."""
        for line in self.process.stdout:
            if line == "?\n":
                return
            if line.startswith("{"):
                self.lines.append(json.loads(line))
        self.done = True
        self.process.wait()

    def turn(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.listen()


def settle(row):
    """The time that counts: if other programs took more than a tenth of the core, processor time; of several threads,
    which wait for each other, the least disturbed block's."""
    busy = row["threads"] == 1 and row["cpu"] < 0.9
    row["time"] = row["min"] if row["threads"] > 1 else row["cpu_median"] if busy else row["median"]
    row["mark"] = "~" if busy else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("environments", type=Path)
    parser.add_argument("--workloads", default="W1,W2,W3,W4,W5,W6,W7,W9,W12,W13")
    for name, value in (("--threads", 1), ("--slices", 5), ("--slice-s", 0.25)):
        parser.add_argument(name, type=type(value), default=value)
    o = parser.parse_args()
    commands = [[o.bench]]
    for python in sorted(o.environments.glob("*/bin/python")):
        commands.append([str(python), str(HERE / f"{python.parent.parent.name}_peer.py")])
    rows = []
    for workload in o.workloads.split(","):
        print(f"{workload} ...", file=sys.stderr)
        arguments = ["--workloads", workload, "--threads", str(o.threads), "--slices", str(o.slices), "--slice-s",
                     str(o.slice_s), "--gate"]
        programs = [Program(c + arguments, o.threads) for c in commands]
        while waiting := [p for p in programs if not p.done]:
            for p in waiting:
                p.turn()
        rows += [line for p in programs for line in p.lines]
    for r in rows:
        if "median" in r:
            settle(r)
    print("| workload | metric | program | time | against ours | set-up s |\n|---|---|---|---:|---:|---:|")
    ours = {}
    for r in rows:
        if r["peer"] == "xgrad" and "median" in r:
            key = r["workload"], r["metric"]
            ours[key] = min(ours.get(key, r["time"]), r["time"])
    for r in sorted(rows, key=lambda r: (r["workload"], r.get("metric", ""))):
        name = " ".join(x for x in (r["peer"], r.get("version", ""), r["mode"]) if x)
        if "error" in r:
            print(f"| {r['workload']} | | {name} | failed: {r['error']} | | |")
            continue
        best = ours.get((r["workload"], r["metric"]))
        ratio = f"{r['time'] / best:.2f}" if best else "-"
        time = f"{r['time']:.0f}" if r["time"] >= 1000 else f"{r['time']:.3g}"
        print(f"| {r['workload']} | {r['metric']} | {name} | {time}{r['mark']} {r['unit']} | {ratio} | "
              f"{r['setup_s']:.2g} |")


main()
