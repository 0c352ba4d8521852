"""TensorFlow through Keras: what `fit` does with each batch."""
import itertools
import os

import harness as h

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras  # noqa: E402  the level must stand before
import tensorflow as tf  # noqa: E402

tf.config.threading.set_intra_op_parallelism_threads(h.options.threads)
tf.config.threading.set_inter_op_parallelism_threads(1)


class Positions(keras.layers.Layer):
    """Learned positions, added to the input."""

    def build(self, shape):
        self.table = self.add_weight(shape=shape[1:], initializer="random_normal")

    def call(self, x):
        return x + self.table


def gpt(characters=96, d=256, steps=128):
    layers = keras.layers
    norm = lambda: layers.LayerNormalization(epsilon=1e-5)
    tokens = keras.Input((steps,), dtype="int32")
    x = Positions()(layers.Embedding(characters, d)(tokens))
    for _ in range(4):
        inner = norm()(x)
        x = x + layers.MultiHeadAttention(8, d // 8)(inner, inner, use_causal_mask=True)
        up = layers.Dense(4 * d, activation=lambda v: keras.ops.gelu(v, approximate=True))(norm()(x))
        x = x + layers.Dense(d)(up)
    return keras.Model(tokens, layers.Dense(characters, use_bias=False)(norm()(x)))


def lenet():
    layers = keras.layers
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(32, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"), layers.MaxPooling2D(), layers.Flatten(),
        layers.Dense(128, "relu"), layers.Dense(10)])


def lstm():
    return keras.Sequential([keras.Input((64, 32)), keras.layers.LSTM(128), keras.layers.Dense(10)])


def network(workload):
    if workload not in h.MLPS:
        return {"W5": lenet, "W6": lstm, "W7": gpt}[workload]()
    sizes, _, dropout = h.MLPS[workload]
    layers = [keras.Input((sizes[0],))]
    for size in sizes[1:-1]:
        layers += [keras.layers.Dense(size, "relu")] + ([keras.layers.Dropout(dropout)] if dropout else [])
    return keras.Sequential(layers + [keras.layers.Dense(sizes[-1])])


def loss_of(workload):
    if workload in ("W1", "W2"):
        return keras.losses.MeanSquaredError()
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def training(workload):
    def make():
        model = network(workload)
        model.compile(keras.optimizers.Adam(1e-3), loss_of(workload))
        pool = itertools.cycle(h.batches(workload))

        def run(steps):
            for _ in range(steps):
                model.train_on_batch(*next(pool))
        return run
    return make


def training_function(workload):
    """The whole step as one tf.function, as those write it who need it faster than fit."""
    def make():
        model, loss, adam = network(workload), loss_of(workload), keras.optimizers.Adam(1e-3)
        pool = itertools.cycle([(tf.constant(x), tf.constant(y)) for x, y in h.batches(workload)])
        adam.build(model.trainable_variables)

        @tf.function
        def step(x, y):
            with tf.GradientTape() as tape:
                value = loss(y, model(x, training=True))
            adam.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
            return value

        def run(steps):
            for _ in range(steps):
                value = step(*next(pool))
            float(value)
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


for w in h.TRAINED:
    h.case(w, "keras train_on_batch", training(w))
    h.case(w, "tf.function", training_function(w))
for rows in (1, 256):
    h.case("W12", "tf.function", predicting(rows), f"batch_{rows}")
h.main("tensorflow", tf.__version__)
