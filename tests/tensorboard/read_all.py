"""read_all.py FOLDER [PICTURES]: reads what the example `watch FOLDER` wrote with TensorBoard's own reader and through its
server, and compares every value with FOLDER/shown.npz and history.csv; numbers are worked out again here, with NumPy.
With PICTURES, photographs the pages with a headless Chromium into that folder."""
import csv
import json
import os
import shutil
import struct
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import zlib

import numpy
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import graph_pb2
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util

folder = sys.argv[1]
pictures = sys.argv[2] if len(sys.argv) > 2 else None
logs = f"{folder}/logs"
shown = numpy.load(f"{folder}/shown.npz")
with open(f"{folder}/history.csv") as file:
    history = list(csv.DictReader(file))
checked = 0


def equal(what, got, wanted, tolerance=0.0):
    global checked
    got, wanted = numpy.asarray(got), numpy.asarray(wanted)
    assert got.shape == wanted.shape, f"{what}: shape {got.shape}, expected {wanted.shape}"
    assert numpy.allclose(got, wanted, rtol=tolerance, atol=tolerance, equal_nan=True), f"{what}: {got}, expected {wanted}"
    checked += 1


def events(run):
    return EventAccumulator(f"{logs}/{run}", size_guidance={"scalars": 0, "tensors": 0, "images": 0, "graph": 1}).Reload()


def decoded(png):
    """A PNG of 8 bits a channel without interlacing: (height, width, channels)."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    data, at = b"", 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + size]
        assert zlib.crc32(kind + body) == struct.unpack(">I", png[at + 8 + size:at + 12 + size])[0]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert depth == 8 and not interlaced
            channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
        if kind == b"IDAT":
            data += body
        at += 12 + size
    lines = numpy.frombuffer(zlib.decompress(data), numpy.uint8).reshape(height, 1 + width * channels)
    out = numpy.zeros((height, width * channels), int)
    for y in range(height):
        how, line = lines[y, 0], lines[y, 1:].astype(int)
        for x in range(width * channels):
            left = out[y, x - channels] if x >= channels else 0
            up = out[y - 1, x] if y else 0
            corner = out[y - 1, x - channels] if y and x >= channels else 0
            p = left + up - corner
            nearest = min((abs(p - left), 0, left), (abs(p - up), 1, up), (abs(p - corner), 2, corner))[2]
            out[y, x] = (line[x] + (0, left, up, (left + up) // 2, nearest)[how]) % 256
    return out.reshape(height, width, channels)


def histogram(values, buckets=30):
    values = values.astype(float)
    low, high = values.min(), values.max()
    edges = numpy.array([low + (high - low) / buckets * b for b in range(buckets)] + [high])
    counts = numpy.zeros(buckets)
    for v in values:
        counts[min(int((v - low) / ((high - low) / buckets)), buckets - 1) if high > low else buckets - 1] += 1
    return numpy.stack([edges[:-1], edges[1:], counts], 1)


def by_file():
    looks = events("looks")
    equal("square", [s.value for s in looks.Scalars("square")], [0, 1, 4])
    equal("not a number", [s.value for s in looks.Scalars("not a number")], [numpy.nan])
    for event in looks.Tensors("normal"):
        values = (shown["values"] * numpy.float32(event.step + 1)).astype(numpy.float32)
        equal("normal", tensor_util.make_ndarray(event.tensor_proto), histogram(values), 1e-12)
    equal("constant", tensor_util.make_ndarray(looks.Tensors("constant")[0].tensor_proto), histogram(shown["constant"]))
    strings = looks.Tensors("grid")[0].tensor_proto.string_val
    equal("grid", decoded(strings[2]), shown["grid"])
    strings = looks.Tensors("digits")[0].tensor_proto.string_val
    assert [int(s) for s in strings[:2]] == [8, 8] and len(strings) == 5
    for i in range(3):
        equal("digits", decoded(strings[2 + i]), numpy.round(shown["pictures"][i].astype(float) * 255))
    assert b"**network**" in looks.Tensors("notes")[0].tensor_proto.string_val[0]
    truth, score = shown["threes"].astype(bool), shown["scores"].astype(float)
    curve = tensor_util.make_ndarray(looks.Tensors("threes")[0].tensor_proto)
    for t in range(101):
        said = numpy.floor(score * 100) >= t
        tp, fp = (said & truth).sum(), (said & ~truth).sum()
        fn, tn = (~said & truth).sum(), (~said & ~truth).sum()
        equal("pr curve", curve[:, t], [tp, fp, tn, fn, tp / max(tp + fp, 1e-7), tp / max(tp + fn, 1e-7)], 1e-6)
    graph = graph_pb2.GraphDef.FromString(looks._graph) if isinstance(looks._graph, bytes) else looks.Graph()
    names = {node.name for node in graph.node}
    assert {"input", "hidden/kernel", "hidden/bias", "scores/kernel"} <= names, names
    for node in graph.node:
        assert all(i in names for i in node.input), node
    for rate in ("0.1", "0.01", "0.001"):
        run = events(f"rate {rate}")
        content = run.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
        start = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info
        assert start.hparams["learning_rate"].number_value == float(rate)
        assert start.hparams["optimizer"].string_value == "adam" and start.hparams["dropout"].bool_value
    train, validation = events("train"), events("validation")
    for name in history[0]:
        values = [float(epoch[name]) for epoch in history]
        if name.startswith("val_"):
            equal(name, [s.value for s in validation.Scalars("epoch_" + name[4:])], values, 1e-6)
        elif name != "epoch":
            equal(name, [s.value for s in train.Scalars("epoch_" + name)], values, 1e-6)
    for tag in ("hidden/kernel", "hidden/bias", "scores/kernel", "scores/bias"):
        assert [e.step for e in train.Tensors(tag + "/histogram")] == list(range(len(history)))
        assert [e.step for e in train.Tensors(tag + "/gradient")] == list(range(len(history)))
    assert len(train.Scalars("batch_loss")) == len(history) * 45 // 10
    with open(f"{folder}/history.jsonl") as file:
        for line, epoch in zip(file, history):
            for name, value in json.loads(line).items():
                equal("jsonl " + name, value, float(epoch[name]), 1e-15)


def by_server(fast):
    port = 16007 + fast
    server = subprocess.Popen(
        [sys.executable, "-m", "tensorboard.main", "--logdir", logs, "--port", str(port), "--load_fast",
         "true" if fast else "false", "--samples_per_plugin", "images=100"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def raw(path, **query):
        with urllib.request.urlopen(f"http://localhost:{port}/data/{path}?{urllib.parse.urlencode(query)}") as answer:
            return answer.read()

    def get(path, **query):
        return json.loads(raw(path, **query))

    try:
        for _ in range(240):
            try:
                if len(get("runs")) == 6 and "square" in get("plugin/scalars/tags").get("looks", {}):
                    break
            except OSError:
                assert server.poll() is None, "the server ended before it answered"
            time.sleep(0.25)
        equal("server square", [p[2] for p in get("plugin/scalars/scalars", run="looks", tag="square")], [0, 1, 4])
        for name in history[0]:
            if name != "epoch":
                run = "validation" if name.startswith("val_") else "train"
                points = get("plugin/scalars/scalars", run=run, tag="epoch_" + name.removeprefix("val_"))
                equal("server " + name, [p[2] for p in points], [float(e[name]) for e in history], 1e-6)
        for _, step, rows in get("plugin/histograms/histograms", run="looks", tag="normal"):
            values = (shown["values"] * numpy.float32(step + 1)).astype(numpy.float32)
            equal("server histogram", rows, histogram(values), 1e-12)
        for picture in get("plugin/images/images", run="looks", tag="grid"):
            address = f"http://localhost:{port}/data/plugin/images/individualImage?{picture['query']}"
            png = urllib.request.urlopen(address).read()
            equal("server grid", decoded(png), shown["grid"])
        assert "network" in get("plugin/text/text", run="looks", tag="notes")[0]["text"]
        curve = get("plugin/pr_curves/pr_curves", run="looks", tag="threes")["looks"][0]
        wanted = shown["threes"].mean()  # at threshold 0 all count as positive; a tail without any is left out
        equal("server pr curve", [curve["precision"][0], curve["recall"][0]], [wanted, 1], 1e-6)
        assert 2 < len(curve["precision"]) <= 101
        assert b"hidden/kernel" in raw("plugin/graphs/graph", run="looks")
        body = json.dumps({"experimentName": "", "colParams": [], "allowedStatuses": ["STATUS_SUCCESS"], "startIndex": 0,
                           "sliceSize": 10}).encode()
        request = urllib.request.Request(f"http://localhost:{port}/data/plugin/hparams/session_groups", body,
                                         {"Content-Type": "application/json"})
        groups = json.load(urllib.request.urlopen(request))["sessionGroups"]
        assert sorted(g["hparams"]["learning_rate"] for g in groups) == [0.001, 0.01, 0.1], groups
        config = get("plugin/projector/info", run="looks")
        assert config["embeddings"][0]["tensorShape"] == [100, 10], config
        if pictures and not fast:
            photograph(port)
    finally:
        server.terminate()
        server.wait()


def photograph(port):
    os.makedirs(pictures, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    pages = {page: f"http://localhost:{port}/#{page}" for page in
             ("timeseries", "scalars", "histograms", "distributions", "images", "text", "graphs&run=looks", "hparams",
              "pr_curves", "projector&run=looks")}
    pages["report"] = "file://" + os.path.abspath(f"{folder}/report.html")
    for page, address in pages.items():
        picture = f"{pictures}/{page.split('&')[0]}.png"
        command = [chromium, "--headless", "--no-sandbox", "--hide-scrollbars", "--use-gl=angle", "--use-angle=swiftshader",
                   "--ignore-gpu-blocklist", "--enable-unsafe-swiftshader", "--window-size=1400,1600",
                   "--virtual-time-budget=20000", "--run-all-compositor-stages-before-draw", f"--screenshot={picture}", address]
        # Now and then a page that draws with WebGL makes it wait for ever for its next frame; without the flag for all
        # compositor stages one in six did.
        for last_try in (False, False, True):
            try:
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
                break
            except subprocess.TimeoutExpired:
                if last_try:
                    raise
        assert os.path.getsize(picture) > 10000, picture


by_file()
by_server(False)
try:
    import tensorboard_data_server  # TensorBoard's other reader, in Rust
    by_server(True)
except ImportError:
    pass
print(f"TensorBoard reads {checked} sets of values, by file and by server, as they were written")
