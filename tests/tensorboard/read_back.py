"""read_back.py LOGS HISTORY: reads the event files in LOGS with TensorBoard's own reader and through its server, and
compares every scalar with the history that training wrote as CSV."""
import csv
import json
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

logs, history = sys.argv[1:]
with open(history) as file:
    epochs = list(csv.DictReader(file))
expected = {}  # (run, tag) -> values, an epoch each
for name in epochs[0]:
    if name == "epoch":
        continue
    run = "validation" if name.startswith("val_") else "train"
    expected[run, "epoch_" + name.removeprefix("val_")] = [float(epoch[name]) for epoch in epochs]
for (run, tag), values in list(expected.items()):
    if run == "validation":
        expected[run, tag.replace("epoch_", "evaluation_") + "_vs_iterations"] = values


def check(where, run, tag, steps, values):
    assert len(values) == len(epochs), f"{where}: {len(values)} values of {run}/{tag} for {len(epochs)} epochs"
    assert steps == sorted(set(steps)), f"{where}: steps of {run}/{tag} do not rise: {steps}"
    for epoch, (got, wanted) in enumerate(zip(values, expected[run, tag])):
        assert abs(got - wanted) <= 1e-6 * max(1, abs(wanted)), f"{where}: {run}/{tag} is {got} in epoch {epoch}, {wanted} in the history"


def by_file():
    for run in ("train", "validation"):
        events = EventAccumulator(f"{logs}/{run}", size_guidance={"scalars": 0, "tensors": 0}).Reload()
        tags = set(events.Tags()["scalars"])
        wanted = {tag for where, tag in expected if where == run}
        assert wanted <= tags, f"{run}: expected the tags {sorted(wanted)}, got {sorted(tags)}"
        assert run == "validation" or "epoch_learning_rate" in tags, "train: no epoch_learning_rate"
        for tag in wanted:
            scalars = events.Scalars(tag)
            check("reader", run, tag, [s.step for s in scalars], [s.value for s in scalars])


def by_server():
    port = 16006
    server = subprocess.Popen(
        [sys.executable, "-m", "tensorboard.main", "--logdir", logs, "--port", str(port), "--load_fast", "false"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def get(path, **query):
        with urllib.request.urlopen(f"http://localhost:{port}/data/{path}?{urllib.parse.urlencode(query)}") as answer:
            return json.load(answer)

    try:
        for _ in range(240):
            try:
                tags = get("plugin/scalars/tags")
                if all(tag in tags.get(run, {}) for run, tag in expected):
                    break
            except OSError:
                assert server.poll() is None, "the server ended before it answered"
            time.sleep(0.25)
        for run, tag in expected:
            points = get("plugin/scalars/scalars", run=run, tag=tag)
            check("server", run, tag, [p[1] for p in points], [p[2] for p in points])
    finally:
        server.terminate()
        server.wait()


by_file()
by_server()
print(f"TensorBoard reads {len(expected)} scalars of {len(epochs)} epochs, by file and by server, as the history has them")
