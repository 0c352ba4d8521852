"""PyTorch: a training step as users write it, and compiled."""
import itertools

import harness as h
import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(h.options.threads)
torch.manual_seed(1)


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.LSTM(32, 128, batch_first=True), nn.Linear(128, 10)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.merge, self.up, self.down = (nn.Linear(*size) for size in
                                                    ((d, 3 * d), (d, d), (d, 4 * d), (4 * d, d)))

    def forward(self, x):
        batch, steps, d = x.shape
        q, k, v = (part.view(batch, steps, 8, -1).transpose(1, 2) for part in self.qkv(self.norm1(x)).chunk(3, -1))
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.merge(attended.transpose(1, 2).reshape(batch, steps, d))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class Gpt(nn.Module):
    def __init__(self, characters=96, d=256, steps=128):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(characters, d), nn.Embedding(steps, d)
        self.blocks = nn.Sequential(*(Block(d) for _ in range(4)))
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, characters, bias=False)

    def forward(self, x):
        x = self.tokens(x) + self.positions.weight[: x.shape[1]]
        return self.head(self.norm(self.blocks(x))).transpose(1, 2)  # cross_entropy wants the classes second


def lenet():
    return nn.Sequential(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1),
                         nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10))


def network(workload):
    if workload not in h.MLPS:
        return {"W5": lenet, "W6": Lstm, "W7": Gpt}[workload]()
    sizes, _, dropout = h.MLPS[workload]
    layers = []
    for inputs, outputs in itertools.pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()] + ([nn.Dropout(dropout)] if dropout else [])
    return nn.Sequential(*layers[:-2 if dropout else -1])


def training(workload, compiled):
    def make():
        model = network(workload)
        pool = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in h.batches(workload)]
        if workload == "W5":
            pool = [(x.permute(0, 3, 1, 2).contiguous(), y) for x, y in pool]
        pool = itertools.cycle(pool)
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
    for w in h.TRAINED:
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
