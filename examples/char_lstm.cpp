// A character LSTM learns to write like the King James Bible, and has to need fewer nats a character of text that it
// has not seen than a model of n-grams. Needs Debian's package bible-kjv-text. char_lstm [EPOCHS] [SEED];
// two and a half minutes on one core.
#include <xgrad.h>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include "king_james/text.h"
using namespace xg;

namespace {
/// The text in pieces (count, steps); y is x one character later.
Dataset pieces(const std::vector<std::int64_t>& text, std::int64_t steps) {
    const auto count = (std::int64_t(text.size()) - 1) / steps;
    const auto from = [&](std::int64_t first) {
        return Tensor::of<std::int64_t>({count, steps},
                                        std::span(text).subspan(std::size_t(first), std::size_t(count * steps)));
    };
    return {from(0), from(1)};
}
}  // namespace

int main(int argc, char** argv) {
    const int epochs = argc > 1 ? std::atoi(argv[1]) : 2, batch_size = 32;
    const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
    set_seed(seed);
    const std::string text = king_james();
    const Alphabet alphabet(text);
    const auto [seen, unseen] = cut(alphabet.encode(text), 0.95);
    constexpr int n = 4;
    const double baseline = ngram_loss(seen, unseen, alphabet.size(), n);
    fmt::print("{} characters of {} kinds; the last twentieth is for validation\n", text.size(), alphabet.size());

    const Dataset train = pieces(seen, 96), test = pieces(unseen, 1024);
    const auto embedding = share(Embedding(alphabet.size(), 64));
    const auto lstm = share(LSTM(256, {.return_sequences = true}));
    const auto logits = share(Dense(alphabet.size()));
    Model model{Sequential{embedding, lstm, logits}};
    const double steps = epochs * std::ceil(double(train.size()) / batch_size);
    model.compile(
        {.optimizer = Adam({.learning_rate = CosineDecay({.initial_learning_rate = 4e-3, .decay_steps = steps}),
                            .global_clipnorm = 1}),
         .loss = SparseCategoricalCrossentropy({.from_logits = true})});
    model.fit(train.x, train.y, {.epochs = epochs, .batch_size = batch_size, .seed = seed});
    const double reached = model.evaluate(test.x, test.y)["loss"];

    const NoGrad unrecorded;
    std::string sample = "In the beginning ";
    Tensors states;
    std::vector<std::int64_t> next = alphabet.encode(sample);
    while (sample.size() < 500) {
        const auto [y, after] = lstm->run((*embedding)(Tensor::of<std::int64_t>({1, next.size()}, next)), states);
        states = after;
        const Tensor scores = (*logits)(y)(0, -1);
        // The largest of the scores with Gumbel noise is a draw from their softmax.
        const Tensor noise = -log(-log(uniform(scores.shape(), 1e-9, 1)));
        next = {argmax(scores / 0.8 + noise).item<std::int64_t>()};
        sample += alphabet.character(next[0]);
    }
    fmt::print("{}\n\nLSTM of {} parameters {:.3f}, {}-gram model {:.3f} nats a character\n", sample,
               model.module().count_parameters(), reached, n, baseline);
    return reached < baseline ? 0 : 1;
}
