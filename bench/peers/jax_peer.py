"""JAX: whole training steps under jit, Adam by hand."""
import itertools
import os

import harness as h

os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={'false' if h.options.threads == 1 else 'true'}"
import jax  # noqa: E402  the flags must stand before
import jax.numpy as jnp  # noqa: E402


keys = map(jax.random.key, itertools.count(1))


def dense(inputs, outputs):
    w = jax.random.uniform(next(keys), (inputs, outputs), minval=-1, maxval=1) * (6 / (inputs + outputs)) ** 0.5
    return w, jnp.zeros(outputs)


def affine(layer, x):
    return x @ layer[0] + layer[1]


def mlp(sizes):
    return [dense(*size) for size in itertools.pairwise(sizes)]


def outputs(layers, x, rate=0.0, key=None):
    for i, layer in enumerate(layers):
        x = affine(layer, x)
        if i + 1 < len(layers):
            x = jax.nn.relu(x)
            if rate:
                x = jnp.where(jax.random.bernoulli(jax.random.fold_in(key, i), 1 - rate, x.shape), x / (1 - rate), 0)
    return x


def lenet_parameters():
    kernel = lambda *shape: jax.random.normal(next(keys), shape) * (2 / (9 * shape[2])) ** 0.5
    return {"convolutions": [(kernel(3, 3, 1, 32), jnp.zeros(32)), (kernel(3, 3, 32, 64), jnp.zeros(64))],
            "dense": mlp((3136, 128, 10))}


def lenet(p, x):
    for kernel, bias in p["convolutions"]:
        x = jax.nn.relu(jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME",
                                                     dimension_numbers=("NHWC", "HWIO", "NHWC")) + bias)
        n, height, width, channels = x.shape
        # Four times faster here than reduce_window.
        x = x.reshape(n, height // 2, 2, width // 2, 2, channels).max((2, 4))
    return outputs(p["dense"], x.reshape(len(x), -1))


def lstm_parameters():
    return {"inputs": dense(32, 512), "states": dense(128, 512)[0], "head": dense(128, 10)}


def lstm(p, x):
    def cell(state, sums):
        h, c = state
        i, f, u, o = jnp.split(sums + h @ p["states"], 4, -1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(u)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None
    zero = jnp.zeros((len(x), 128))
    (h, _), _ = jax.lax.scan(cell, (zero, zero), jnp.swapaxes(affine(p["inputs"], x), 0, 1))
    return affine(p["head"], h)


def gpt_parameters(characters=96, d=256, steps=128):
    norm = lambda: (jnp.ones(d), jnp.zeros(d))
    block = lambda: {"norm1": norm(), "norm2": norm(), "qkv": dense(d, 3 * d), "merge": dense(d, d),
                     "up": dense(d, 4 * d), "down": dense(4 * d, d)}
    return {"tokens": jax.random.normal(next(keys), (characters, d)) * 0.05,
            "positions": jax.random.normal(next(keys), (steps, d)) * 0.05, "blocks": [block() for _ in range(4)],
            "norm": norm(), "head": dense(d, characters)[0]}


def normalized(p, x):
    centred = x - x.mean(-1, keepdims=True)
    return centred * jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * p[0] + p[1]


def gpt(p, x):
    n, steps = x.shape
    x = p["tokens"][x] + p["positions"]
    d = x.shape[-1]
    allowed = jnp.tril(jnp.ones((steps, steps), bool))
    for b in p["blocks"]:
        qkv = affine(b["qkv"], normalized(b["norm1"], x)).reshape(n, steps, 3, 8, d // 8)
        scores = jnp.einsum("bqhd,bkhd->bhqk", qkv[:, :, 0], qkv[:, :, 1]) * (d // 8) ** -0.5
        weights = jax.nn.softmax(jnp.where(allowed, scores, -jnp.inf))
        x = x + affine(b["merge"], jnp.einsum("bhqk,bkhd->bqhd", weights, qkv[:, :, 2]).reshape(n, steps, d))
        up = jax.nn.gelu(affine(b["up"], normalized(b["norm2"], x)), approximate=True)
        x = x + affine(b["down"], up)
    return normalized(p["norm"], x) @ p["head"]


def training(workload):
    others = {"W5": (lenet_parameters, lenet), "W6": (lstm_parameters, lstm), "W7": (gpt_parameters, gpt)}
    sizes, _, rate = h.MLPS.get(workload, ((), 0, 0.0))
    initial, network = others.get(workload, (lambda: mlp(sizes), outputs))

    def loss(layers, x, y, key):
        z = network(layers, x, rate, key) if rate else network(layers, x)
        if workload in ("W1", "W2"):
            return jnp.mean((z - y) ** 2)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[..., None], -1))

    def step(layers, m, v, t, x, y):
        g = jax.grad(loss)(layers, x, y, jax.random.fold_in(jax.random.key(0), t))
        t = t + 1
        m = jax.tree.map(lambda a, b: 0.9 * a + 0.1 * b, m, g)
        v = jax.tree.map(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)
        size = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        return jax.tree.map(lambda p, a, b: p - size * a / (jnp.sqrt(b) + 1e-7), layers, m, v), m, v, t

    def make():
        fast = jax.jit(step, donate_argnums=(0, 1, 2, 3))
        pool = itertools.cycle([(jnp.asarray(x), jnp.asarray(y)) for x, y in h.batches(workload)])
        layers = initial()
        zeros = jax.tree.map(jnp.zeros_like, layers)
        state = [layers, zeros, jax.tree.map(jnp.copy, zeros), jnp.int32(0)]

        def run(steps):
            for _ in range(steps):
                state[:] = fast(*state, *next(pool))
            jax.block_until_ready(state)
        return run
    return make


def repeated(f, *operands):
    def make():
        fast = jax.jit(f)
        values = [jnp.asarray(x) for x in operands]

        def run(steps):
            for _ in range(steps):
                out = fast(*values)
            jax.block_until_ready(out)
        return run
    return make


def expression(x):
    return (jnp.tanh(x * 1.5 + 0.5) * jax.nn.sigmoid(x) - 0.5 * x * x).sum()


FUNCTIONS = {"exp_1e6": jnp.exp, "tanh_1e6": jnp.tanh, "sigmoid_1e6": jax.nn.sigmoid,
             "gelu_1e6": lambda x: jax.nn.gelu(x, approximate=True), "softmax_4096x1000": lambda x: jax.nn.softmax(x, 1),
             "sum_axis0": lambda x: x.sum(0), "sum_axis1": lambda x: x.sum(1)}
draw = h.np.random.default_rng(13)
normal = lambda *shape: draw.standard_normal(shape, dtype=h.np.float32)
for w in h.TRAINED:
    h.case(w, "jit", training(w))
for n in (1_000, 1_000_000):
    h.case("W9", "jit", repeated(jax.value_and_grad(expression), normal(n)), f"fwd_bwd_{n}", "ns", n)
for rows in (1, 256):
    h.case("W12", "jit", repeated(lambda x, p=mlp(h.MLPS["W3"][0]): outputs(p, x), normal(rows, 784)), f"batch_{rows}")
for name, (m, k, n) in h.PRODUCTS.items():
    h.case("W13", "jit", repeated(jnp.matmul, normal(m, k), normal(k, n)), name, "ms")
for name in h.FUNCTIONS:
    h.case("W13", "jit", repeated(FUNCTIONS[name], h.argument(name)), name, "ms")
h.main("jax", jax.__version__)
