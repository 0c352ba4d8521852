"""What the rivals' programs share: the command line and the JSON lines of `./dev run bench`, and the same data.

A program registers its cases with `case(...)` and calls `main()`. With --gate it prints "?" and waits for a line before
each piece of work, so that run.py lets one process work at a time.
"""
import argparse
import json
import sys
import time

import numpy as np

MLPS = {"W1": ((4, 64, 64, 2), 32, 0.0), "W2": ((17, 256, 256, 6), 256, 0.0),
        "W3": ((784, 256, 128, 10), 64, 0.0), "W4": ((784, 128, 10), 32, 0.2)}
TRAINED = (*MLPS, "W5", "W6", "W7")
PRODUCTS = {"matmul_64x784x256": (64, 784, 256), "matmul_256": (256, 256, 256), "matmul_1024": (1024, 1024, 1024)}
FUNCTIONS = ("exp_1e6", "tanh_1e6", "sigmoid_1e6", "gelu_1e6", "softmax_4096x1000", "sum_axis0", "sum_axis1")

parser = argparse.ArgumentParser()
parser.add_argument("--workloads", default="W3")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--slices", type=int, default=5)
parser.add_argument("--slice-s", type=float, default=0.25)
parser.add_argument("--gate", action="store_true")
options = parser.parse_args()
_cases = []


def wanted(workload):
    return workload in options.workloads.split(",")


def case(workload, mode, make, metric="step", unit="us", per=1):
    """make() returns run(steps), which returns when the results are there."""
    if wanted(workload):
        _cases.append({"workload": workload, "mode": mode, "make": make, "metric": metric, "unit": unit, "per": per})


def batches(workload):
    """Eight batches to be used in turn: sin of linear functions to fit, the largest of ten to name (of an image, of the
    last step of a sequence), or the next of random characters."""
    draw = np.random.default_rng(7)
    normal = lambda *shape: draw.standard_normal(shape, dtype=np.float32)
    if workload == "W7":
        texts = [draw.integers(0, 96, (8, 129)) for _ in range(8)]
        return [(t[:, :-1].copy(), t[:, 1:].copy()) for t in texts]
    if workload == "W6":
        a = normal(32, 10)
        pool = [normal(32, 64, 32) for _ in range(8)]
        return [(x, np.argmax(x[:, -1] @ a, 1)) for x in pool]
    sizes, rows, _ = MLPS.get(workload, ((784, 10), 64, 0.0))
    a, pool = normal(sizes[0], sizes[-1]), []
    for _ in range(8):
        if workload in ("W1", "W2"):
            x = normal(rows, sizes[0])
            pool.append((x, np.sin(x @ a)))
        else:
            x = draw.random((rows, sizes[0]), dtype=np.float32)
            pool.append((x.reshape(-1, 28, 28, 1) if workload == "W5" else x, np.argmax((x - 0.5) @ a, 1)))
    return pool


def argument(name):
    """The operand of one of FUNCTIONS."""
    shape = (1_000_000,) if name.endswith("1e6") else (4096, 1000 if name.startswith("softmax") else 1024)
    return np.random.default_rng(13).standard_normal(shape, dtype=np.float32)


def _turn():
    if options.gate:
        print("?", flush=True)
        sys.stdin.readline()


def _block(c):
    wall, cpu = time.perf_counter(), time.process_time()
    c["run"](c["steps"])
    return (time.perf_counter() - wall) / c["steps"], (time.process_time() - cpu) / c["steps"]


def _set_up(c):
    began = time.perf_counter()
    c["run"] = c["make"]()
    c["run"](1)
    c["setup_s"], c["steps"], c["samples"] = time.perf_counter() - began, 1, []
    c["run"](2)
    while True:
        took = _block(c)[0] * c["steps"]
        if took > 0.01 or c["steps"] > 1 << 20:
            break
        c["steps"] *= 4
    c["steps"] = max(1, int(c["steps"] * 0.02 / took))


def main(peer, version):
    ready = []
    for c in _cases:
        _turn()
        try:
            _set_up(c)
            ready.append(c)
        except Exception as error:  # a rival that cannot do one thing is still measured on the others
            print(json.dumps({"peer": peer, "mode": c["mode"], "workload": c["workload"], "error": str(error)[:200]}))
    for _ in range(options.slices):
        for c in ready:
            _turn()
            c["run"](c["steps"])
            end = time.perf_counter() + options.slice_s
            while True:
                c["samples"].append(_block(c))
                if time.perf_counter() > end:
                    break
    _turn()
    for c in ready:
        scale = {"ms": 1e3, "us": 1e6, "ns": 1e9}[c["unit"]] / c["per"]
        wall, cpu = (np.array(s) for s in zip(*c["samples"]))
        line = {"peer": peer, "version": version, "mode": c["mode"], "threads": options.threads,
                "workload": c["workload"], "metric": c["metric"], "unit": c["unit"]}
        for name, share in (("median", 50), ("p10", 10), ("p90", 90), ("min", 0)):
            line[name] = round(float(np.percentile(wall, share)) * scale, 4)
        line.update(n=len(wall), setup_s=round(c["setup_s"], 2), cpu=round(float(cpu.sum() / wall.sum()), 2),
                    cpu_median=round(float(np.median(cpu)) * scale, 4))
        print(json.dumps(line), flush=True)
