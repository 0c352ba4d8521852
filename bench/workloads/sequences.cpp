// W6, W7: training steps of an LSTM and of a small GPT.
#include <fmt/core.h>
#include <map>
#include <memory>
#include <string>
#include "../bounds/gpt.h"
#include "../bounds/lstm.h"
#include "beside.h"
#include "mlp.h"
using namespace xg;

namespace bench {

namespace {
const Box<Loss> cross_entropy = SparseCategoricalCrossentropy({.from_logits = true});

/// Labels: the largest of ten random linear functions of the last step.
std::vector<Dataset> sequences() {
    const Tensor a = normal(RandomKey{7, 0}, {32, 10});
    std::vector<Dataset> pool;
    for (std::uint64_t i = 1; i <= 8; ++i) {
        const Tensor x = normal(RandomKey{7, i}, {32, 64, 32});
        pool.push_back({x, argmax(matmul(x(all, -1), a), 1)});
    }
    return pool;
}
std::shared_ptr<Sequential> lstm() {
    return std::make_shared<Sequential>(Sequential{Input({64, 32}), LSTM(128), Dense(10)});
}
std::shared_ptr<HandWrittenLstm> lstm_by_hand(Module& net) {
    auto hand = std::make_shared<HandWrittenLstm>();
    copy(net, *hand);
    return hand;
}
double lstm_difference() {
    const auto net = lstm();
    return difference(*net, *lstm_by_hand(*net), sequences(), cross_entropy);
}
constexpr double lstm_flops = 2.0 * 32 * 64 * 512 * (2 * 32 + 3 * 128);

constexpr std::int64_t characters = 96, steps = 128, features = 256, heads = 8, blocks = 4;
struct Gpt : Module {
    Gpt() {
        for (std::int64_t i = 0; i < blocks; ++i)
            layers.add(TransformerDecoder({.intermediate_dim = 4 * features,
                                           .num_heads = heads,
                                           .activation = [](const Tensor& x) { return gelu(x, {.approximate = true}); },
                                           .normalize_first = true}));
        (*this)(zeros({1, steps}, i64));
    }
    Tensor forward(const Tensor& x) override {
        const Tensor embedded = tokens(x);
        return head(norm(layers(embedded + positions(embedded))));
    }
    Embedding& tokens = child("tokens", Embedding(characters, features, {.embeddings_initializer = RandomNormal()}));
    PositionEmbedding& positions = child("positions", PositionEmbedding({steps, RandomNormal()}));
    Sequential& layers = child("layers", Sequential{});
    LayerNormalization& norm = child("norm", LayerNormalization({.epsilon = 1e-5}));
    Dense& head = child("head", Dense({.units = characters, .use_bias = false}));
};
/// Random characters, each to be told from those before it.
std::vector<Dataset> texts() {
    std::vector<Dataset> pool;
    for (std::uint64_t i = 1; i <= 8; ++i) {
        const Tensor text = (uniform(RandomKey{7, i}, {8, steps + 1}) * double(characters)).to(i64);
        pool.push_back({text(all, Slice(0, -1)), text(all, Slice(1))});
    }
    return pool;
}
/// A matrix becomes columns [first, first + its own) of one `width` wide.
void copy_columns(float* to, std::int64_t width, std::int64_t first, const Tensor& from, std::int64_t rows) {
    const auto columns = from.numel() / rows;
    for (std::int64_t r = 0; r < rows; ++r)
        std::copy_n(from.raw<float>() + r * columns, columns, to + r * width + first);
}
std::shared_ptr<HandWrittenGpt> gpt_by_hand(Module& net) {
    using Hand = HandWrittenGpt;
    auto hand = std::make_shared<Hand>();
    std::map<std::string, Tensor> from;
    for (auto& [name, value] : net.named_parameters()) from[name] = value;
    const auto move = [&](const std::string& name, int to) {
        std::copy_n(from.at(name).raw<float>(), from.at(name).numel(), hand->parameter(to));
    };
    const auto both = [&](const std::string& layer, const char* first, const char* second, int to) {
        move(layer + first, to), move(layer + second, to + 1);
    };
    move("tokens.embeddings", Hand::tokens), move("positions.embeddings", Hand::positions);
    for (int l = 0; l < int(blocks); ++l) {
        const std::string layer = fmt::format("layers.{}.", l), attention = layer + "self_attention.";
        const int to = Hand::in_block(l);
        both(layer, "self_attention_norm.gamma", "self_attention_norm.beta", to + Hand::gamma1);
        std::int64_t column = 0;
        for (const char* part : {"query", "key", "value"}) {
            copy_columns(hand->parameter(to + Hand::qkv), 3 * features, column, from.at(attention + part + ".kernel"),
                         features);
            copy_columns(hand->parameter(to + Hand::qkv_bias), 3 * features, column,
                         from.at(attention + part + ".bias"), 1);
            column += features;
        }
        both(attention, "attention_output.kernel", "attention_output.bias", to + Hand::merge);
        both(layer, "feedforward_norm.gamma", "feedforward_norm.beta", to + Hand::gamma2);
        both(layer, "feedforward_intermediate.kernel", "feedforward_intermediate.bias", to + Hand::up);
        both(layer, "feedforward_output.kernel", "feedforward_output.bias", to + Hand::down);
    }
    both("norm.", "gamma", "beta", Hand::gamma);
    move("head.kernel", Hand::head);
    return hand;
}
double gpt_difference() {
    Gpt net;
    return difference(net, *gpt_by_hand(net), texts(), cross_entropy);
}
/// Attention's useful half counted, as the bound computes little more.
constexpr double gpt_flops = 6.0 * 8 * steps * (blocks * 12.0 * features * features + features * characters) +
                             12.0 * blocks * 8 * features * steps * (steps + 1) / 2;

const Register w6({.workload = "W6",
                   .flops = lstm_flops,
                   .make = [] { return training(lstm(), sequences(), cross_entropy); },
                   .bound = [] { return by_hand(lstm_by_hand(*lstm()), sequences()); },
                   .difference = lstm_difference});
const Register w7({.workload = "W7",
                   .flops = gpt_flops,
                   .make = [] { return training(std::make_shared<Gpt>(), texts(), cross_entropy); },
                   .bound =
                       [] {
                           Gpt net;
                           return by_hand(gpt_by_hand(net), texts());
                       },
                   .difference = gpt_difference});
}  // namespace

}  // namespace bench
