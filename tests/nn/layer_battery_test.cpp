#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>
#include "../../nn/settings.h"
#include "../../nn/gradcheck.h"
#include "../catch.h"
#include "layer_table.h"
using namespace xg;
using namespace xg::test;

namespace {
std::vector<LayerRow>& rows() {
    static std::vector<LayerRow> all;
    return all;
}
std::shared_ptr<Module> made_from(const LayerRow& row) {
    return make_module(row.name, Config{Json::parse(row.config)});
}
/// The row's inputs, of `batch` examples if it is not -1. float32 holds their values, whatever their dtype.
Tensors inputs_of(const LayerRow& row, DType dtype, std::int64_t batch = -1) {
    Tensors xs;
    for (Shape shape : row.inputs) {
        if (batch >= 0) shape[0] = batch;
        const RandomKey key{11, xs.size()};
        xs.push_back(row.integers ? randint(key, shape, 0, 3) : uniform(key, shape, row.low, row.high).to(dtype));
    }
    return xs;
}
std::vector<std::string> names(const Module& module) {
    std::vector<std::string> all;
    for (auto& [name, value] : module.state()) all.push_back(name);
    return all;
}
/// The output with its random numbers held: the same draws for everything that is compared.
struct Held {
    std::vector<RandomKey> keys;
    Tensor operator()(Module& module, const Tensors& xs, bool training = false) {
        const NoGrad unrecorded;
        const Training mode(training);
        const Redraw held(keys);
        return module(xs);
    }
};
double apart(const Tensor& a, const Tensor& b) {
    REQUIRE(a.shape() == b.shape());
    return a.numel() ? max(where(a == b, 0, abs(a.to(f64) - b.to(f64)) / (1 + abs(b.to(f64))))).item() : 0;
}
bool finite(const Module& module) {
    for (auto& [name, value] : module.state())
        if (value.numel() && !all(isfinite(value.detach())).item<bool>()) return false;
    return true;
}
void copy_state(const Module& from, Module& to) {
    const auto a = from.state(), b = to.state();
    REQUIRE(names(from) == names(to));
    for (std::size_t i = 0; i < a.size(); ++i) Tensor(b[i].second).assign(a[i].second.detach().to(b[i].second.dtype()));
}
/// The float32 module, built.
std::shared_ptr<Module> built_from(const LayerRow& row, const Tensors& xs) {
    const auto module = made_from(row);
    Held()(*module, xs);
    return module;
}

void check_shape_and_names(const LayerRow& row, const Tensors& xs) {
    const auto module = built_from(row, xs);
    for (const bool training : {false, true}) CHECK(Held()(*module, xs, training).shape() == row.output);
    CHECK(module->output_shape() == row.output);
    CHECK(names(*module) == row.state);
    CHECK(registered_name(*module) == row.name);
    CHECK(finite(*module));
}
/// A layer as in inference, always.
struct Resting : Module {
    Module& layer;
    explicit Resting(std::shared_ptr<Module> inner) : layer(child("inner", std::move(inner))) {}
    Tensor forward(const Tensor& x) override { return forward(Tensors{x}); }
    Tensor forward(const Tensors& xs) override {
        const Training inference(false);
        return layer(xs);
    }
};
std::vector<Tensor> gradients(Module& module, const Tensors& xs, bool training) {
    const Training mode(training);
    Tensors leaves;
    for (const Tensor& x : xs) leaves.push_back(x.copy().require_grad());
    const Tensor y = module(leaves);
    for (auto& [name, parameter] : module.named_parameters()) leaves.push_back(parameter);
    return grad(sum(y * reshape(sin(arange(y.numel()).to(f64)), y.shape())), leaves);
}
/// In training its parameters move before they are used, which is no part of the gradient: it then is that of inference
/// at the place they have moved to.
void check_moving_gradients(Module& module, const Tensors& xs) {
    const auto moving = gradients(module, xs, true), still = gradients(module, xs, false);
    REQUIRE(moving.size() > xs.size());
    for (std::size_t i = 0; i < moving.size(); ++i) CHECK(apart(moving[i], still[i]) < 1e-12);
}
void check_gradients(const LayerRow& row) {
    std::shared_ptr<Module> module = made_from(row);
    const Tensors xs = inputs_of(row, f64);
    Held()(*module, xs);
    module->to(f64);
    if (!row.differentiable && module->named_parameters().empty()) return;
    if (!row.still) {
        check_moving_gradients(*module, xs);
        module = share(Resting(module));
    }
    const Tensors constants = xs;
    const GradcheckReport report = gradcheck(*module, constants);
    CHECK(to_string(report) == (report.ok ? to_string(report) : "gradients that agree"));
    if (!row.differentiable || row.integers) return;
    Tensors leaves;
    for (const Tensor& x : xs) leaves.push_back(x.copy().require_grad());
    CHECK((*module)(leaves).requires_grad());
}
void check_configuration(const LayerRow& row, const Tensors& xs) {
    const auto module = made_from(row);
    Config first, second;
    module->describe(first);
    const auto again = make_module(row.name, Config{Json::parse(first.json().dump())});
    again->describe(second);
    CHECK(first.json().dump() == second.json().dump());
    Config misspelt{Json::parse(row.config)};
    misspelt.json()["no_such_setting"] = 1;
    CHECK_THROWS_WITH(make_module(row.name, misspelt),
                      ContainsSubstring(": expected a known setting, got \"no_such_setting\""));

    for (const bool training : {false, true}) {
        Held held;
        const auto original = built_from(row, xs);
        const auto clone = original->clone();
        Held()(*again, xs);
        copy_state(*original, *again);
        const Tensor y = held(*original, xs, training);
        CHECK(apart(held(*clone, xs, training), y) == 0);
        CHECK(apart(held(*again, xs, training), y) == 0);
    }
    const auto unbuilt = made_from(row)->clone();
    CHECK(Held()(*unbuilt, xs).shape() == row.output);
}
void check_weights_file(const LayerRow& row, const Tensors& xs) {
    const auto module = built_from(row, xs), other = built_from(row, xs);
    if (row.state.empty()) return;
    const auto path = std::filesystem::temp_directory_path() / "xgrad_battery";
    save_weights(*module, path);
    CHECK(load_weights(*other, path).ok());
    std::filesystem::remove(path);
    CHECK(apart(Held()(*other, xs), Held()(*module, xs)) == 0);
}
/// A batch of nothing gives nothing, or is refused; either way it leaves the layer as it was. One example is a batch.
void check_batch_sizes(const LayerRow& row, const Tensors& xs) {
    if (row.inputs[0].rank() == 0) return;
    for (const bool training : {false, true}) {
        const auto module = training ? built_from(row, xs) : made_from(row);
        const auto before = module->built() ? module->clone() : nullptr;
        try {
            const Tensor y = Held()(*module, inputs_of(row, f32, 0), training);
            CHECK(y.numel() == 0);
            CHECK(y.shape()[0] == 0);
        } catch (const std::invalid_argument&) {}
        CHECK(finite(*module));
        if (before && row.still) CHECK(apart(Held()(*module, xs), Held()(*before, xs)) == 0);
    }
    const auto module = built_from(row, xs);
    const Tensor one = Held()(*module, inputs_of(row, f32, 1));
    CHECK(one.numel() * row.inputs[0][0] == row.output.numel());
}
void check_precision(const LayerRow& row, const Tensors& xs) {
    const auto module = built_from(row, xs), wide = module->clone();
    wide->to(f64);
    for (const bool training : {false, true}) {
        Held held;
        const Tensor y = held(*module, xs, training);
        if (training && !held.keys.empty()) continue;  // float64 draws other numbers
        const Tensor wide_y = held(*wide, inputs_of(row, f64), training);
        if (row.differentiable && !row.integers) CHECK((y.dtype() == f32 && wide_y.dtype() == f64));
        CHECK(apart(y, wide_y) < 1e-5);
    }
}
/// A mask of nothing but real steps changes no number. It goes on with the output while (batch, steps) stay.
void check_mask(const LayerRow& row, const Tensors& xs) {
    if (xs[0].rank() < 3) return;
    const auto module = built_from(row, xs);
    const Shape steps{xs[0].shape()[0], xs[0].shape()[1]};
    const auto output_for = [&](const Tensor& mask) {
        Tensors masked;
        for (const Tensor& x : xs) {
            masked.push_back(x.copy());
            if (x.rank() >= 3 && Shape{x.shape()[0], x.shape()[1]} == steps) masked.back().set_mask(mask);
        }
        const Tensor y = Held()(*module, masked);
        CHECK(all(masked[0].mask() == mask).item<bool>());
        return y;
    };
    CHECK(apart(output_for(full(steps, true, boolean)), Held()(*module, xs)) < 1e-6);
    Tensor mask = full(steps, true, boolean);
    for (std::int64_t i = 0; i < steps[0]; ++i) mask.mutable_data<bool>()[i * steps[1] + steps[1] - 1] = i % 2 == 0;
    const Tensor y = output_for(mask);
    CHECK(all(isfinite(y)).item<bool>());
    const bool stays = row.output.rank() > 2 && Shape{row.output[0], row.output[1]} == steps;
    CHECK(y.mask().defined() == (stays && !row.drops_mask));
    if (y.mask().defined()) CHECK(y.mask().shape() == steps);
}
void check(const LayerRow& row) {
    set_seed(5);
    const Tensors xs = inputs_of(row, f32);
    check_shape_and_names(row, xs);
    check_configuration(row, xs);
    check_weights_file(row, xs);
    check_batch_sizes(row, xs);
    check_precision(row, xs);
    check_mask(row, xs);
    check_gradients(row);
}
/// Layers with one fault each.
template <int fault> struct Faulty : Module {
    explicit Faulty(double f = 1) : factor(f) {}
    double factor;
    Tensor scale, seen;
    void build(const Shape& input) override {
        scale = parameter("scale", ones({input.back()}, dtype()));
        seen = buffer("seen", zeros({}, dtype()));
    }
    Tensor forward(const Tensor& x) override {
        if (fault == 2) return factor * (x * scale + stop_gradient(x * scale));
        if (fault == 3 && Training::on()) seen.assign(mean(x).detach());  // of an empty batch too
        if (fault == 4) return factor * (x.to(f32) * scale);
        if (fault == 5) return factor * flip(x * scale, 1);
        return factor * (x * scale);
    }
    MaskFate mask_fate() const override { return fault == 5 ? MaskFate::lost : MaskFate::goes_on; }
    void describe(Config& config) const override {
        if (fault != 1) config.set("factor", factor);
    }
    static Faulty from_config(const Config& config) { return Faulty(config.get<double>("factor", 1)); }
};
template <int fault> void check_faulty() {
    const std::string name = "Faulty" + std::to_string(fault);
    register_layer<Faulty<fault>>(name);
    check({name, R"({"factor": 2})", {{2, 3, 4}}, {2, 3, 4}, {"scale", "seen"}});
}
}  // namespace

LayerRows::LayerRows(std::vector<LayerRow> more) { rows().insert(rows().end(), more.begin(), more.end()); }
const std::vector<LayerRow>& LayerRows::table() { return rows(); }

TEST_CASE("every layer passes the battery", "[layers]") {
    for (const LayerRow& row : LayerRows::table()) {
        DYNAMIC_SECTION(row.name << " " << row.config) { check(row); }
    }
}

TEST_CASE("every layer of the library has a row in the battery", "[layers]") {
    // Layers of strings have tests of their own.
    std::set<std::string> tested{"StringLookup", "TextVectorization"};
    for (const LayerRow& row : LayerRows::table()) tested.insert(row.name);
    for (const std::string& name : library_modules()) {
        INFO(name << " has no row in tests/nn/rows");
        CHECK(tested.contains(name));
    }
}

TEST_CASE("the battery passes a layer without a fault", "[layers]") { check_faulty<0>(); }
TEST_CASE("the battery finds a forgotten setting", "[layers][!shouldfail]") { check_faulty<1>(); }
TEST_CASE("the battery finds a wrong gradient", "[layers][!shouldfail]") { check_faulty<2>(); }
TEST_CASE("the battery finds a state that an empty batch spoils", "[layers][!shouldfail]") { check_faulty<3>(); }
TEST_CASE("the battery finds lost precision", "[layers][!shouldfail]") { check_faulty<4>(); }
TEST_CASE("the battery finds a lost mask", "[layers][!shouldfail]") { check_faulty<5>(); }
