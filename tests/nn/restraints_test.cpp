// Regularizers and constraints of layers: each setting reaches the weights it names, in every layer that has it.
#include <set>
#include "../../nn/settings.h"
#include "../catch.h"
#include "layer_table.h"
using namespace xg;
using namespace xg::test;

namespace {
/// What a setting speaks of: "depthwise_regularizer" of the weights "kernel" or "depthwise_kernel".
bool names(const std::string& setting, const std::string& path, const std::string& layer) {
    const std::string of = setting.substr(0, setting.find('_')), weight = path.substr(path.rfind('.') + 1);
    if (of == "recurrent" || of == "pointwise") return weight == of + "_kernel";
    if (of == "depthwise") return weight == (layer.starts_with("Separable") ? "depthwise_kernel" : "kernel");
    return weight == of;
}
Tensors inputs_of(const LayerRow& row) {
    Tensors xs;
    for (const Shape& shape : row.inputs)
        xs.push_back(row.integers ? randint(RandomKey{11, xs.size()}, shape, 0, 3)
                                  : uniform(RandomKey{11, xs.size()}, shape, -1, 1, f64));
    return xs;
}
std::shared_ptr<Module> made(const LayerRow& row, const std::string& setting, const char* restraint,
                             const Tensors& xs) {
    Json config = Json::parse(row.config);
    config[setting] = restraint;
    auto layer = make_module(row.name, Config(config));
    layer->to(f64);
    layer->outputs(xs);
    for (auto& [path, weight] : layer->named_parameters())  // none is zero, some are negative
        Tensor(weight).assign(uniform(RandomKey{5, 1}, weight.shape(), -1, 0.5, f64));
    return layer;
}
void check_regularizer(const LayerRow& row, const std::string& setting) {
    const Tensors xs = inputs_of(row);
    const auto layer = made(row, setting, "l2", xs);
    const Tensors ys = layer->outputs(xs);
    double expected = 0;
    for (auto& [path, weight] : layer->named_parameters())
        if (names(setting, path, row.name)) expected += 0.01 * sum(square(weight)).item();
    if (setting == "activity_regularizer")
        for (const Tensor& y : ys) expected += 0.01 * sum(square(y)).item() / double(y.shape()[0]);
    REQUIRE(expected > 0);
    REQUIRE(layer->penalty().defined());
    CHECK(layer->penalty().item() == Approx(expected).epsilon(1e-12));
}
void check_constraint(const LayerRow& row, const std::string& setting) {
    const auto layer = made(row, setting, "non_neg", inputs_of(row));
    Tensor cost = zeros({}, f64);
    for (const Tensor& p : layer->parameters()) cost = cost + sum(p);
    SGD({.learning_rate = 1e-3}).minimize(cost, layer->parameters());
    int held = 0;
    for (auto& [path, weight] : layer->named_parameters()) {
        const bool constrained = names(setting, path, row.name);
        INFO(path);
        CHECK((min(weight).item() >= 0) == constrained);
        held += constrained;
    }
    CHECK(held > 0);
}
}  // namespace

TEST_CASE("regularizers and constraints reach the weights they name, in every layer", "[layers][regularizers]") {
    std::set<std::string> seen;
    for (const LayerRow& row : LayerRows::table()) {
        const Json given = Json::parse(row.config);
        Config config;
        make_module(row.name, Config(given))->describe(config);
        for (auto& [setting, value] : config.json().items()) {
            const bool penal = setting.ends_with("_regularizer"), bound = setting.ends_with("_constraint");
            const bool idle = setting.starts_with("bias") && !config.json().value("use_bias", true);
            if ((!penal && !bound) || idle || !seen.insert(row.name + setting).second) continue;
            if (row.name.ends_with("Attention") && setting == "activity_regularizer") continue;  // of its projections
            if (row.name == "EinsumDense" && setting.starts_with("bias") && !given.contains("bias_axes")) continue;
            DYNAMIC_SECTION(row.name << " " << setting) {
                if (penal) check_regularizer(row, setting);
                else check_constraint(row, setting);
            }
        }
    }
    CHECK(seen.size() > 100);
}

TEST_CASE("a recurrent layer's activity regularizer counts its states when they are put out",
          "[layers][regularizers]") {
    const Tensor x = uniform(RandomKey{3, 1}, {2, 4, 3}, -1, 1, f64);
    LSTM layer(2, {.activity_regularizer = L1(0.1), .return_sequences = true, .return_state = true});
    double expected = 0;
    for (const Tensor& y : layer.outputs({x})) expected += 0.1 * sum(abs(y)).item() / 2;
    CHECK(layer.penalty().item() == Approx(expected).epsilon(1e-12));
    CHECK_THROWS_WITH(LSTMCell(2, {.activity_regularizer = L1(0.1)}),
                      "LSTMCell: expected settings of one step, got one of a sequence such as return_sequences");
}

TEST_CASE("an attention's activity regularizer is that of each projection", "[layers][regularizers]") {
    const Tensor x = uniform(RandomKey{3, 1}, {2, 4, 3}, -1, 1, f64);
    MultiHeadAttention layer({.num_heads = 2, .key_dim = 3, .activity_regularizer = L2(0.1)});
    std::vector<Hook> hooks;
    double expected = 0;
    layer(x);
    for (auto& projection : layer.children())
        hooks.push_back(projection.module->on_forward([&](const Module&, const Tensors&, const Tensor& y) {
            expected += 0.1 * sum(square(y)).item() / 2;
            return Tensor();
        }));
    layer(x);
    CHECK(layer.penalty().item() == Approx(expected).epsilon(1e-12));
}

TEST_CASE("a convolution with an activity regularizer is not drawn together with the pooling behind it",
          "[layers][regularizers]") {
    Sequential net{Conv2D(2, 3, {.activation = relu, .activity_regularizer = L2(0.5)}), MaxPooling2D(2)};
    const Tensor x = uniform(RandomKey{3, 1}, {2, 6, 6, 1}, -1, 1);
    net(x);
    const double once = net.penalty().item();
    net(x);
    CHECK(once > 0);
    CHECK(net.penalty().item() == once);
}
