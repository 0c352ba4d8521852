"""TensorFlow through Keras: what `fit` does with each batch."""
import itertools
import os

import harness as h

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras  # noqa: E402  the level must stand before
import tensorflow as tf  # noqa: E402

tf.config.threading.set_intra_op_parallelism_threads(h.options.threads)
tf.config.threading.set_inter_op_parallelism_threads(1)


def network(workload):
    sizes, _, dropout = h.MLPS[workload]
    layers = [keras.Input((sizes[0],))]
    for size in sizes[1:-1]:
        layers += [keras.layers.Dense(size, "relu")] + ([keras.layers.Dropout(dropout)] if dropout else [])
    return keras.Sequential(layers + [keras.layers.Dense(sizes[-1])])


def training(workload):
    def make():
        model = network(workload)
        fits = workload in ("W1", "W2")
        model.compile(keras.optimizers.Adam(1e-3),
                      "mse" if fits else keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        pool = itertools.cycle(h.batches(workload))

        def run(steps):
            for _ in range(steps):
                model.train_on_batch(*next(pool))
        return run
    return make


def predicting(rows):
    def make():
        model, x = network("W3"), tf.random.uniform((rows, 784))
        fast = tf.function(model)

        def run(steps):
            for _ in range(steps):
                out = fast(x)
            out.numpy()
        return run
    return make


for w in h.MLPS:
    h.case(w, "keras train_on_batch", training(w))
for rows in (1, 256):
    h.case("W12", "tf.function", predicting(rows), f"batch_{rows}")
h.main("tensorflow", tf.__version__)
