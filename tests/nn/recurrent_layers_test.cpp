// What the recurrent layers promise beside their numbers, which golden cases check.
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
Tensor x_of(std::int64_t batch, std::int64_t steps) { return uniform(RandomKey{1, 2}, {batch, steps, 3}, -1, 1, f64); }
bool equal(const Tensor& a, const Tensor& b) { return array_equal(a.detach(), b.detach()); }
bool close(const Tensor& a, const Tensor& b) {
    return allclose(a.detach(), b.detach(), {.rtol = 1e-13, .atol = 1e-14});
}
std::string warned;
}  // namespace

TEST_CASE("run gives the states, from which a sequence goes on", "[recurrent]") {
    LSTM lstm(4, {.return_sequences = true});
    const Tensor x = x_of(2, 6);
    auto [whole, last] = lstm.run(x);
    auto [first, between] = lstm.run(x(all, Slice(0, 4)));
    auto [rest, end] = lstm.run(x(all, Slice(4)), between);
    CHECK(close(concatenate({first, rest}, 1), whole));
    CHECK(close(end[1], last[1]));
    CHECK(close(lstm(x(all, Slice(4)), between[0], between[1]), rest));
}

TEST_CASE("a stateful layer goes on where the batch before ended", "[recurrent]") {
    GRU gru(GRUOptions{.units = 4, .return_sequences = true, .stateful = true});
    const Tensor x = x_of(2, 6);
    const Tensor whole = gru(x);
    gru.reset_states();
    const Tensor first = gru(x(all, Slice(0, 4))), rest = gru(x(all, Slice(4)));
    CHECK(close(concatenate({first, rest}, 1), whole));
    CHECK_THROWS_WITH(gru(x_of(3, 2)), "GRU: expected a batch of 2 as before reset_states(), got 3");
    gru.reset_states();
    CHECK(gru(x_of(3, 2)).shape() == Shape{3, 2, 4});
    GRU forgetful(4);
    CHECK_THROWS_WITH(forgetful.reset_states(), "reset_states: expected a stateful layer, got GRU that is not");
}

TEST_CASE("masked steps repeat the output and keep the states", "[recurrent]") {
    const Tensor x = x_of(2, 4);
    x.set_mask(tensor<bool>({{false, true, false, true}, {true, true, false, false}}));
    LSTM lstm(3, {.return_sequences = true});
    auto [y, states] = lstm.run(x, {ones({2, 3}, f64), ones({2, 3}, f64)});
    CHECK(all(y[0][0] == 0).item<bool>());  // no output yet, though h is 1
    CHECK(equal(y[0][2], y[0][1]));
    CHECK(equal(y[1][3], y[1][1]));
    CHECK(equal(states[0], y(all, -1)));
    CHECK(equal(y.mask(), x.mask()));
    LSTM zero(3, {.return_sequences = true, .go_backwards = true, .zero_output_for_mask = true});
    const Tensor back = zero(x);
    CHECK(equal(back.mask(), flip(x.mask(), 1)));  // the outputs' order
    CHECK(equal(any(back != 0, -1), back.mask()));
}

TEST_CASE("dropout of a sequence is the same in every step", "[recurrent]") {
    const Training mode;
    SimpleRNN rnn(SimpleRNNOptions{.units = 50,
                                   .activation = {},
                                   .use_bias = false,
                                   .recurrent_initializer = Zeros(),
                                   .dropout = 0.5,
                                   .return_sequences = true,
                                   .seed = 3});
    const Tensor y = rnn(ones({2, 6, 30}, f64)), again = rnn(ones({2, 6, 30}, f64));
    for (std::int64_t t = 1; t < 6; ++t) CHECK(equal(y(all, t), y(all, 0)));
    CHECK_FALSE(equal(y, again));
}

TEST_CASE("the fused way drops what the steps would drop", "[recurrent]") {
    const Training mode;
    const Tensor x = x_of(2, 5);
    std::vector<RandomKey> keys;
    LSTMCell cell(LSTMOptions{.units = 4, .dropout = 0.5});
    Recurrence whole = cell.scan(x, {}, {}, false);  // builds it
    {
        const Redraw held(keys);
        whole = cell.scan(x, {}, {}, false);
    }
    Recurrence now{{}, {zeros({2, 4}, f64), zeros({2, 4}, f64)}};
    for (std::int64_t t = 0; t < 5; ++t) {
        const Redraw same(keys);
        now = cell.step(x(all, t), now.states);
    }
    CHECK(keys.size() == 1);
    CHECK(close(now.y, whole.y));
}

TEST_CASE("cells of one's own run over time", "[recurrent]") {
    struct Sum : RecurrentCell {
        std::vector<Shape> state_shapes(const Shape& input) const override { return {input}; }
        Recurrence next(const Tensor& x, const Tensors& states) override { return {x + states[0], {x + states[0]}}; }
    };
    RNN running(Sum(), {.return_sequences = true});
    CHECK(close(running(x_of(2, 5)), cumsum(x_of(2, 5), 1)));
    RNN two(StackedRNNCells(Sum(), Sum()), {.return_sequences = true});
    CHECK(close(two(x_of(2, 5)), cumsum(cumsum(x_of(2, 5), 1), 1)));
    CHECK(two.run(x_of(2, 5)).states.size() == 2);
}

TEST_CASE("stacked cells take a step as they take a sequence", "[recurrent]") {
    StackedRNNCells cells(LSTMCell(3), GRUCell(2));
    const Tensor x = x_of(2, 3);
    const auto [y, states] = cells.scan(x, {}, {}, false);
    Tensors now{zeros({2, 3}, f64), zeros({2, 3}, f64), zeros({2, 2}, f64)};
    Tensor last;
    for (std::int64_t t = 0; t < 3; ++t) {
        auto [out, next] = cells.step(x(all, t), now);
        last = out, now = next;
    }
    CHECK(close(last, y));
    for (std::size_t i = 0; i < 3; ++i) CHECK(close(now[i], states[i]));
}

TEST_CASE("second derivatives pass through a fused layer", "[recurrent]") {
    GRU gru(3);
    const Tensor x = x_of(1, 3);
    gru(x);
    const auto f = [&](const Tensor& v) { return sum(square(gru(v))); };
    const Tensor v = ones({1, 3, 3}, f64);
    const Tensor product = hvp(f, x, v);
    const double h = 1e-5;
    const auto slope = [&](double at) { return value_and_grad(f, x + at * v).gradient; };
    CHECK(allclose(product, (slope(h) - slope(-h)) / (2 * h), {.rtol = 1e-6, .atol = 1e-8}));
}

TEST_CASE("an embedding sums the gradients of a repeated row", "[recurrent]") {
    Embedding words(4, 2, {.mask_zero = true});
    const Tensor y = words(tensor<std::int64_t>({{1, 3, 1, 0}}));
    CHECK(equal(y.mask(), tensor<bool>({{true, true, true, false}})));
    sum(y * tensor({{{1, 1}, {2, 2}, {4, 4}, {8, 8}}})).backward();
    CHECK(equal(words.parameters()[0].grad(), tensor({{8, 8}, {5, 5}, {0, 0}, {2, 2}})));
    CHECK_THROWS_WITH(words(tensor<std::int64_t>({1, 4})), "Embedding: expected numbers in [0, 4), got 4");
    CHECK_THROWS_WITH(words(tensor<std::int64_t>({-1, 2})), "Embedding: expected numbers in [0, 4), got -1");
    CHECK_THROWS_WITH(words(tensor({1.5})), "Embedding: expected whole numbers, got fractions");
    CHECK_THROWS_WITH(Embedding(0, 2), "Embedding: expected input_dim and output_dim > 0, got 0 and 2");
}

TEST_CASE("masks come from Masking, and a layer that loses one says so", "[recurrent]") {
    const auto before = set_warning_handler([](const std::string& sentence) { warned += sentence + "\n"; });
    const Tensor x = tensor({{{0, 0}, {1, 0}}, {{2, 2}, {0, 0}}});
    Sequential net{Masking(), Dense(3), LSTM(2)};
    net(x);
    const Tensor means = Sequential{Masking(), GlobalAveragePooling1D()}(x);  // of the steps that count
    CHECK(equal(means, tensor({{1, 0}, {2, 2}})));
    CHECK(warned.empty());
    CHECK(equal(Masking()(x).mask(), tensor<bool>({{false, true}, {true, false}})));
    Sequential loses{Masking(), Flatten()};
    loses(x);
    loses(x);
    CHECK(warned == "1 (Flatten): the mask (2, 2) of its input is lost, as its output (2, 4) has no such steps\n");
    set_warning_handler(before);
}

TEST_CASE("recurrent layers refuse in these words", "[recurrent]") {
    LSTM lstm(3);
    lstm(x_of(2, 4));
    CHECK_THROWS_WITH(lstm(zeros({2, 3}, f64)),
                      "LSTM: expected input (batch, steps, ...) with at least one step, got (2, 3)");
    CHECK_THROWS_WITH(lstm(zeros({2, 0, 3}, f64)),
                      "LSTM: expected input (batch, steps, ...) with at least one step, got (2, 0, 3)");
    CHECK_THROWS_WITH(lstm(zeros({2, 4, 5}, f64)), "cell (LSTMCell): expected last axis 3, got input (2, 4, 5)");
    CHECK_THROWS_WITH(lstm.run(x_of(2, 4), {zeros({2, 3}, f64)}), "cell (LSTMCell): expected 2 states, got 1");
    CHECK_THROWS_WITH(lstm.run(x_of(2, 4), {zeros({2, 3}, f64), zeros({2, 2}, f64)}),
                      "cell (LSTMCell): expected state 1 of shape (2, 3), got (2, 2)");
    const Tensor masked = x_of(2, 4);
    masked.set_mask(full({2, 3}, true, boolean));
    CHECK_THROWS_WITH(lstm(masked), "LSTM: expected a mask of shape (2, 4), got (2, 3)");
    CHECK_THROWS_WITH(LSTM(3, {.return_state = true})(x_of(2, 4)),
                      "LSTM: expected run() or outputs(), as return_state gives several outputs, got a call for one");
    CHECK_THROWS_WITH(LSTM(0), "LSTMCell: expected units > 0, got 0");
    CHECK_THROWS_WITH(GRU(GRUOptions{.units = 2, .dropout = 1}),
                      "GRUCell: expected 0 <= dropout, recurrent_dropout < 1, got 1 and 0");
    CHECK_THROWS_WITH(SimpleRNNCell(2, {.return_sequences = true}),
                      "SimpleRNNCell: expected settings of one step, got one of a sequence such as return_sequences");
    CHECK_THROWS_WITH(StackedRNNCells(std::vector<std::shared_ptr<RecurrentCell>>()),
                      "StackedRNNCells: expected at least one cell, got none");
    CHECK_THROWS_WITH(Bidirectional(LSTM(2), {.merge_mode = "max"}),
                      "Bidirectional: expected merge_mode concat, sum, mul, ave or none, got \"max\"");
    CHECK_THROWS_WITH(
        Bidirectional(LSTM(2), {.backward_layer = share(LSTM(2))}),
        "Bidirectional: expected a layer and a backward_layer that differ in go_backwards alone, got (go_backwards "
        "false, return_sequences false, return_state false, stateful false) and (go_backwards false, return_sequences "
        "false, return_state false, stateful false)");
    Bidirectional apart(LSTM(2), {.merge_mode = none});
    CHECK(apart.outputs({x_of(2, 4)}).size() == 2);
    CHECK_THROWS_WITH(apart(x_of(2, 4)),
                      "Bidirectional: expected outputs(), as return_state or no merge_mode gives "
                      "several outputs, got a call for one");
    CHECK_THROWS_WITH(apart.outputs({x_of(2, 4), zeros({2, 2}, f64)}),
                      "Bidirectional: expected as many states for the way back as for the way there, got 1");
    CHECK_THROWS_WITH(ConvLSTM2D(0, {2}), "ConvLSTM2D: expected filters > 0, got 0");
    CHECK_THROWS_WITH(ConvLSTM2D(1, {}), "ConvLSTM2D: expected kernel_size to be one number or 2, got ()");
    CHECK_THROWS_WITH(ConvLSTM2D(1, {2}, {.padding = "causal"}),
                      "ConvLSTM2D: expected padding valid or same, got \"causal\"");
    CHECK_THROWS_WITH(ConvLSTM2D(1, {2}, {.data_format = "NCHW"}),
                      "ConvLSTM2D: expected data_format channels_last or channels_first, got \"NCHW\"");
    CHECK_THROWS_WITH(ConvLSTM2D(1, {2})(zeros({2, 4, 3})),
                      "cell (ConvLSTMCell): expected input (batch, rows, columns, channels) a step, got (2, 3)");
    CHECK_THROWS_WITH(ConvLSTM1D(1, 2)(zeros({2, 4, 3})),
                      "cell (ConvLSTMCell): expected input (batch, columns, channels) a step, got (2, 3)");
    CHECK_THROWS_WITH(
        ConvLSTM2D(1, {4})(zeros({2, 4, 3, 5, 1})),
        "cell (ConvLSTMCell): convolution: expected at least 4 entries along each axis for windows of 4, got 3");
    CHECK_THROWS_WITH(RepeatVector(0), "RepeatVector: expected n > 0, got 0");
    CHECK_THROWS_WITH(RepeatVector(2)(zeros({2})), "RepeatVector: expected input (batch, features), got (2,)");
    CHECK_THROWS_WITH(TimeDistributed(Dense(2))(zeros({2, 3})),
                      "TimeDistributed: expected input (batch, steps, ...), got (2, 3)");
    CHECK_THROWS_WITH(Masking()(zeros({2, 3})), "Masking: expected input (batch, steps, features), got (2, 3)");
}
