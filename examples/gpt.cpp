// A small GPT that learns to write like the King James Bible, character by character, against n-gram models of the same
// text. Five minutes on two cores: `./dev run gpt`, or `./dev run gpt 600` for that many steps.
#include <xgrad.h>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include "gpt/text.h"
using namespace xg;

namespace {
constexpr std::int64_t steps = 128, batch = 16, features = 128, layers = 4, heads = 4;

struct Gpt : Module {
    explicit Gpt(std::int64_t characters)
        : tokens(parameter("tokens", 0.05 * randn({characters, features}))),
          head(child("head", Dense({.units = characters, .use_bias = false}))) {
        for (std::int64_t i = 0; i < layers; ++i)
            blocks.add(TransformerDecoder({.intermediate_dim = 4 * features,
                                           .num_heads = heads,
                                           .activation = [](const Tensor& x) { return gelu(x, {.approximate = true}); },
                                           .normalize_first = true}));
    }
    Tensor forward(const Tensor& x) override {
        const Tensor embedded = take(tokens, x);
        return head(norm(blocks(embedded + positions(embedded))));
    }
    Tensor tokens;
    PositionEmbedding& positions = child("positions", PositionEmbedding({steps, RandomNormal()}));
    Sequential& blocks = child("blocks", Sequential{});
    LayerNormalization& norm = child("norm", LayerNormalization({.epsilon = 1e-5}));
    Dense& head;
};

/// (batch, steps + 1) characters from the given places on.
Tensor windows(const std::vector<std::int64_t>& text, const Tensor& places) {
    Tensor x = Tensor::empty({places.numel(), steps + 1}, i64);
    auto to = x.mutable_data<std::int64_t>().begin();
    for (const std::int64_t place : places.data<std::int64_t>()) to = std::copy_n(text.begin() + place, steps + 1, to);
    return x;
}
Tensor loss_of(Gpt& net, const Tensor& characters) {
    const Tensor x = characters(all, Slice(0, -1)), next = characters(all, Slice(1));
    const Tensor logits = net(x);
    return mean(sparse_cross_entropy(reshape(logits, {-1, logits.shape().back()}), reshape(next, {-1})));
}
double validation_loss(Gpt& net, const std::vector<std::int64_t>& text) {
    NoGrad unrecorded;
    double total = 0;
    constexpr int batches = 20;
    const auto stride = (std::int64_t(text.size()) - steps - 1) / (batches * batch);
    for (std::int64_t i = 0; i < batches; ++i)
        total += loss_of(net, windows(text, arange(i * batch * stride, (i + 1) * batch * stride, stride, i64))).item();
    return total / batches;
}
std::string write(Gpt& net, const Alphabet& alphabet, std::string text, int characters) {
    NoGrad unrecorded;
    for (int i = 0; i < characters; ++i) {
        auto context = alphabet.encode(text.substr(text.size() - std::min<std::size_t>(text.size(), steps)));
        const Tensor x = Tensor::of<std::int64_t>({1, context.size()}, context);
        const Tensor logits = net(x)[0][std::int64_t(context.size()) - 1];
        // The largest of the logits with Gumbel noise is a draw from their softmax.
        const Tensor noise = -log(-log(uniform(logits.shape(), 1e-9, 1)));
        text += alphabet.character(argmax(logits / 0.8 + noise).item<std::int64_t>());
    }
    return text;
}
}  // namespace

int main(int argc, char** argv) {
    const int training_steps = argc > 1 ? std::atoi(argv[1]) : 4000;
    const std::string text = king_james();
    const Alphabet alphabet(text);
    const auto all_of_it = alphabet.encode(text);
    const auto cut = std::ptrdiff_t(all_of_it.size() / 20 * 19);
    const std::vector<std::int64_t> train(all_of_it.begin(), all_of_it.begin() + cut),
        test(all_of_it.begin() + cut, all_of_it.end());
    fmt::print("{} characters of {} kinds; the last twentieth is for validation\n", text.size(), alphabet.size());
    double baseline = 0;
    for (int n = 1; n <= 4; ++n)
        fmt::print("{}-gram model: {:.3f} nats a character\n", n,
                   baseline = ngram_loss(train, test, alphabet.size(), n));

    set_seed(1);
    Gpt net(alphabet.size());
    validation_loss(net, test);  // which builds it
    Adam optimizer({.learning_rate = CosineDecay({.initial_learning_rate = 0,
                                                  .decay_steps = double(training_steps),
                                                  .alpha = 0.05,
                                                  .warmup_target = 2e-3,
                                                  .warmup_steps = 100}),
                    .clipnorm = 1});
    fmt::print("GPT of {} parameters\n", net.count_parameters());
    const auto began = std::chrono::steady_clock::now();
    for (int step = 1; step <= training_steps; ++step) {
        {
            Training mode;
            optimizer.minimize(loss_of(net, windows(train, randint({batch}, 0, std::int64_t(train.size()) - steps))),
                               net.parameters());
        }
        if (step % 500 && step != training_steps) continue;
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
        fmt::print("step {}: validation {:.3f}, {:.0f} s\n", step, validation_loss(net, test), seconds.count());
    }
    const double reached = validation_loss(net, test);
    fmt::print("\n{}\n\nGPT {:.3f}, 4-gram model {:.3f} nats a character\n",
               write(net, alphabet, "In the beginning ", 400), reached, baseline);
    return reached < baseline ? 0 : 1;
}
