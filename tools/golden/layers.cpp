#include "case.h"

namespace xg::golden {

namespace {
/// What dropout must hold in training: two values, the share of zeros (within five deviations), one mask both ways.
void dropout_rule(const json& c, Comparison& compare) {
    const auto module = make_module(c.at("op"), config_of(c.at("config")));
    const auto& rule = c.at("rule");
    const double kept = rule.at("kept_value"), rate = rule.at("expected_fraction_zero"), n = 200'000;
    const Tensor x = ones({200, 1000}, f64).require_grad();
    const Training mode;
    const Tensor y = (*module)(x), values = y.detach();
    compare("values", values, where(values == 0, zeros_like(values), full({}, kept, f64)));
    compare("gradient", grad(sum(y), x), values);
    const double zero = mean((values == 0).to(f64)).item();
    if (std::fabs(zero - rate) > 5 * std::sqrt(rate * (1 - rate) / n))
        throw std::runtime_error(fmt::format("expected a share of zeros of {}, got {}", rate, zero));
}

}  // namespace

void layer(const json& c, Comparison& compare) {
    if (c.contains("rule") && c.at("op") == "Dropout") return dropout_rule(c, compare);
    std::shared_ptr<Module> module;
    if (!c.contains("outputs") || !c.contains("inputs")) throw Skip{"a rule in words"};
    const Training mode(c.value("training", false));
    try {
        module = make_module(c.at("op"), config_of(c.at("config")));
    } catch (const std::invalid_argument& e) { throw Skip{e.what()}; }
    module->to(f64);
    NoGrad unrecorded;
    const auto run = [&](const Inputs& x) {
        Tensors in;
        for (auto& [name, value] : c["inputs"].items())
            if (name == "mask" && c.at("op") != "Softmax") in[0].set_mask(x.at(name));
            else in.push_back(x.at(name));
        return std::vector{(*module)(in)};
    };
    Inputs first;
    for (auto& [name, value] : c["inputs"].items()) first[name] = read_tensor(value);
    run(first);
    Inputs weights;
    if (c.contains("weights"))
        for (auto& [name, value] : c["weights"].items())
            for (auto& [own, parameter] : module->named_parameters())
                if (own == name) parameter.assign(read_tensor(value)), weights[name] = parameter;
    const GradMode recording(true);
    differentiate(c, compare, run, weights);
}

}  // namespace xg::golden
