// A small GPT that learns to write like the King James Bible, character by character, and has to need fewer nats a
// character of text that it has not seen than a model of n-grams. Needs Debian's package bible-kjv-text.
// gpt [STEPS] [SEED]; two and a half minutes on one core.
#include <xgrad.h>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include "king_james/text.h"
using namespace xg;

namespace {
constexpr std::int64_t steps = 128, batch = 16, features = 128, layers = 4, heads = 4;

/// Attention to what came before, then two Dense layers on each character; each adds to its input (batch, steps,
/// features). Queries and keys are turned by their position: no other sign of it is needed (Su et al. 2021).
struct Block : Module {
    LayerNormalization& attention_norm = child("attention_norm", LayerNormalization());
    Dense& query_key_value = child("query_key_value", Dense(3 * features));
    RotaryEmbedding& turn = child("turn", RotaryEmbedding());
    Dense& attended = child("attended", Dense(features));
    LayerNormalization& norm = child("norm", LayerNormalization());
    Dense& wide = child("wide", Dense(4 * features, gelu));
    Dense& narrow = child("narrow", Dense(features));

    Tensor forward(const Tensor& x) override {
        const Shape& s = x.shape();
        const Tensors parts = split(query_key_value(attention_norm(x)), 3, -1);
        const auto by_head = [&](const Tensor& t) { return reshape(t, {s[0], s[1], heads, features / heads}); };
        const Tensor seen = scaled_dot_product_attention(turn(by_head(parts[0])), turn(by_head(parts[1])),
                                                         by_head(parts[2]), {.causal = true, .heads_first = false});
        const Tensor h = x + attended(reshape(seen, s));
        return h + narrow(wide(norm(h)));
    }
};

/// (count, steps + 1) characters from the given places on.
Tensor windows(const std::vector<std::int64_t>& text, const Tensor& places) {
    Tensor x = Tensor::empty({places.numel(), steps + 1}, i64);
    auto to = x.mutable_data<std::int64_t>().begin();
    for (const std::int64_t place : places.data<std::int64_t>()) to = std::copy_n(text.begin() + place, steps + 1, to);
    return x;
}
/// Nats a character: each is to be told from those before it.
Tensor loss_of(Sequential& net, const Tensor& characters) {
    const Tensor logits = net(characters(all, Slice(0, -1))), next = characters(all, Slice(1));
    return mean(sparse_cross_entropy(logits, next));
}
/// The mean over 320 windows, evenly spread.
double validation_loss(Sequential& net, const std::vector<std::int64_t>& text) {
    const NoGrad unrecorded;
    const auto stride = (std::int64_t(text.size()) - steps - 1) / 320;
    double total = 0;
    for (std::int64_t i = 0; i < 20; ++i)
        total += loss_of(net, windows(text, arange(16 * i * stride, 16 * (i + 1) * stride, stride))).item();
    return total / 20;
}
std::string write(Sequential& net, const Alphabet& alphabet, std::string text, int characters) {
    const NoGrad unrecorded;
    for (int i = 0; i < characters; ++i) {
        const auto context = alphabet.encode(text.substr(text.size() - std::min<std::size_t>(text.size(), steps)));
        const Tensor logits = net(Tensor::of<std::int64_t>({1, context.size()}, context))(0, -1);
        // The largest of the logits with Gumbel noise is a draw from their softmax.
        const Tensor noise = -log(-log(uniform(logits.shape(), 1e-9, 1)));
        text += alphabet.character(argmax(logits / 0.8 + noise).item<std::int64_t>());
    }
    return text;
}
}  // namespace

int main(int argc, char** argv) {
    const int training_steps = argc > 1 ? std::atoi(argv[1]) : 1000;
    set_seed(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
    const std::string text = king_james();
    const Alphabet alphabet(text);
    const auto [train, test] = cut(alphabet.encode(text), 0.95);
    constexpr int n = 4;
    const double baseline = ngram_loss(train, test, alphabet.size(), n);
    fmt::print("{} characters of {} kinds; the last twentieth is for validation\n", text.size(), alphabet.size());

    Sequential net{Embedding(alphabet.size(), features)};
    for (std::int64_t i = 0; i < layers; ++i) net.add(Block());
    net.add(LayerNormalization());
    net.add(Dense(alphabet.size()));
    Adam optimizer({.learning_rate = CosineDecay({.initial_learning_rate = 0,
                                                  .decay_steps = 0.9 * training_steps,
                                                  .alpha = 0.02,
                                                  .warmup_target = 3e-3,
                                                  .warmup_steps = 0.1 * training_steps}),
                    .global_clipnorm = 1});
    const auto began = std::chrono::steady_clock::now();
    for (int step = 1; step <= training_steps; ++step) {
        const Tensor places = randint({batch}, 0, std::int64_t(train.size()) - steps);
        optimizer.minimize(loss_of(net, windows(train, places)), net);
        if (step % 250) continue;
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
        fmt::print("step {}: validation {:.3f}, {:.0f} s\n", step, validation_loss(net, test), seconds.count());
    }
    const double reached = validation_loss(net, test);
    fmt::print("\n{}\n\nGPT of {} parameters {:.3f}, {}-gram model {:.3f} nats a character\n",
               write(net, alphabet, "In the beginning ", 400), net.count_parameters(), reached, n, baseline);
    return reached < baseline ? 0 : 1;
}
