"""JAX: whole training steps under jit, Adam by hand."""
import itertools
import os

import harness as h

os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={'false' if h.options.threads == 1 else 'true'}"
import jax  # noqa: E402  the flags must stand before
import jax.numpy as jnp  # noqa: E402


def parameters(workload):
    keys = jax.random.split(jax.random.key(1), 8)
    return [(jax.random.uniform(k, (i, o), minval=-1, maxval=1) * (6 / (i + o)) ** 0.5, jnp.zeros(o))
            for k, (i, o) in zip(keys, itertools.pairwise(h.MLPS[workload][0]))]


def outputs(layers, x, rate=0.0, key=None):
    for i, (w, b) in enumerate(layers):
        x = x @ w + b
        if i + 1 < len(layers):
            x = jax.nn.relu(x)
            if rate:
                x = jnp.where(jax.random.bernoulli(jax.random.fold_in(key, i), 1 - rate, x.shape), x / (1 - rate), 0)
    return x


def training(workload):
    rate = h.MLPS[workload][2]

    def loss(layers, x, y, key):
        z = outputs(layers, x, rate, key)
        if workload in ("W1", "W2"):
            return jnp.mean((z - y) ** 2)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1))

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
        layers = parameters(workload)
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
for w in h.MLPS:
    h.case(w, "jit", training(w))
for n in (1_000, 1_000_000):
    h.case("W9", "jit", repeated(jax.value_and_grad(expression), normal(n)), f"fwd_bwd_{n}", "ns", n)
for rows in (1, 256):
    h.case("W12", "jit", repeated(lambda x, p=parameters("W3"): outputs(p, x), normal(rows, 784)), f"batch_{rows}")
for name, (m, k, n) in h.PRODUCTS.items():
    h.case("W13", "jit", repeated(jnp.matmul, normal(m, k), normal(k, n)), name, "ms")
for name in h.FUNCTIONS:
    h.case("W13", "jit", repeated(FUNCTIONS[name], h.argument(name)), name, "ms")
h.main("jax", jax.__version__)
