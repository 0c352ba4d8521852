"""PyTorch: a training step as users write it, and compiled."""
import itertools

import harness as h
import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(h.options.threads)
torch.manual_seed(1)


def network(workload):
    sizes, _, dropout = h.MLPS[workload]
    layers = []
    for inputs, outputs in itertools.pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()] + ([nn.Dropout(dropout)] if dropout else [])
    return nn.Sequential(*layers[:-2 if dropout else -1])


def training(workload, compiled):
    def make():
        model = network(workload)
        pool = itertools.cycle([(torch.from_numpy(x), torch.from_numpy(y)) for x, y in h.batches(workload)])
        loss = F.mse_loss if workload in ("W1", "W2") else F.cross_entropy
        adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
        forward = torch.compile(model) if compiled else model

        def run(steps):
            for _ in range(steps):
                x, y = next(pool)
                adam.zero_grad()
                loss(forward(x), y).backward()
                adam.step()
        return run
    return make


def repeated(set_up):
    def make():
        once = set_up()

        def run(steps):
            with torch.inference_mode():
                for _ in range(steps):
                    once()
        return run
    return make


def predicting(rows):
    model, x = network("W3").eval(), torch.rand(rows, 784)
    return lambda: model(x)


def product(name):
    m, k, n = h.PRODUCTS[name]
    a, b, out = torch.randn(m, k), torch.randn(k, n), torch.empty(m, n)
    return lambda: torch.mm(a, b, out=out)


def function(name):
    x = torch.from_numpy(h.argument(name))
    f = {"exp_1e6": torch.exp, "tanh_1e6": torch.tanh, "sigmoid_1e6": torch.sigmoid,
         "gelu_1e6": lambda v: F.gelu(v, approximate="tanh"), "softmax_4096x1000": lambda v: torch.softmax(v, 1),
         "sum_axis0": lambda v: v.sum(0), "sum_axis1": lambda v: v.sum(1)}[name]
    return lambda: f(x)


def expression(x):
    return (torch.tanh(x * 1.5 + 0.5) * torch.sigmoid(x) - 0.5 * x * x).sum()


def chain(n, compiled):
    def make():
        x = torch.randn(n, requires_grad=True)
        f = torch.compile(expression) if compiled else expression

        def run(steps):
            for _ in range(steps):
                f(x).backward()
                x.grad = None
        return run
    return make


for compiled in (False, True):
    mode = "compiled" if compiled else "eager"
    for w in h.MLPS:
        h.case(w, mode, training(w, compiled))
    for n in (1_000, 1_000_000):
        h.case("W9", mode, chain(n, compiled), f"fwd_bwd_{n}", "ns", n)
for rows in (1, 256):
    h.case("W12", "eager", repeated(lambda rows=rows: predicting(rows)), f"batch_{rows}")
for name in h.PRODUCTS:
    h.case("W13", "eager", repeated(lambda name=name: product(name)), name, "ms")
for name in h.FUNCTIONS:
    h.case("W13", "eager", repeated(lambda name=name: function(name)), name, "ms")
h.main("torch", torch.__version__)
