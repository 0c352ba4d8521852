#include "case.h"

namespace xg::golden {

namespace {
/// What dropout must hold in training: two values, the share of zeros (within five deviations), one mask both ways.
void dropout_rule(const Json& c, Comparison& compare) {
    const auto module = make_module(c.at("op").string(), Config(c.at("config")));
    const auto& rule = c.at("rule");
    const double kept = rule.at("kept_value").number(), rate = rule.at("expected_fraction_zero").number(), n = 200'000;
    const Tensor x = ones({200, 1000}, f64).require_grad();
    const Training mode;
    const Tensor y = (*module)(x), values = y.detach();
    compare("values", values, where(values == 0, zeros_like(values), full({}, kept, f64)));
    compare("gradient", grad(sum(y), x), values);
    const double zero = mean((values == 0).to(f64)).item();
    if (std::fabs(zero - rate) > 5 * std::sqrt(rate * (1 - rate) / n))
        throw std::runtime_error(fmt::format("expected a share of zeros of {}, got {}", rate, zero));
}

/// One call as the case wants it: masks ride on the inputs they are named after ("mask" on the first).
Tensors call(Module& module, const Json& c, const Inputs& x) {
    Tensors in;
    std::map<std::string, Tensor> named;
    for (auto& [name, value] : c.at("inputs").items())
        if (!name.ends_with("mask")) in.push_back(named[name] = x.at(name));
    for (auto& [name, value] : c.at("inputs").items())
        if (name == "mask" && c.at("op").string() == "Softmax") in.push_back(x.at(name));  // an input like another
        else if (name == "mask") in[0].set_mask(x.at(name));
        else if (name.ends_with("_mask") && name != "attention_mask")
            named.at(name.substr(0, name.find("_mask"))).set_mask(x.at(name));
    const Json options = c.value("call", Json::object());
    if (auto* attention = dynamic_cast<AttentionLayer*>(&module)) {
        const AttentionResult result =
            attention->attend_with_weights(in[0], in[1],
                                           {.key = in.size() > 2 ? in[2] : Tensor(),
                                            .mask = x.contains("attention_mask") ? x.at("attention_mask") : Tensor(),
                                            .causal = options.value("use_causal_mask", false)});
        return {result.y, result.weights};
    }
    if (!options.empty()) throw Skip{"arguments of the call"};
    return module.outputs(in);
}
}  // namespace

std::map<std::string, Tensor> weights_named(const Json& keras, const Module& module) {
    auto own = module.state();
    const auto dotted = [](std::string name) {
        std::ranges::replace(name, '/', '.');
        return name;
    };
    const auto last = [](const std::string& name) { return name.substr(name.rfind('.') + 1); };
    std::map<std::string, Tensor> found;
    for (const bool exactly : {true, false})
        for (auto& [name, value] : keras.items()) {
            if (found.contains(name)) continue;
            const auto fits = [&, wanted = dotted(name)](auto& entry) {
                return exactly ? entry.first == wanted : last(entry.first) == last(wanted);
            };
            const auto it = std::ranges::find_if(own, fits);
            if (it == own.end() && exactly) continue;
            if (it == own.end()) throw std::logic_error("no weight is called " + name);
            found[name] = it->second;
            own.erase(it);
        }
    return found;
}

void layer(const Json& c, Comparison& compare) {
    if (c.contains("rule") && c.at("op").string() == "Dropout") return dropout_rule(c, compare);
    std::shared_ptr<Module> module;
    if (!c.contains("outputs") || !c.contains("inputs")) throw Skip{"a rule in words"};
    const Training mode(c.value("training", false));
    try {
        module = make_module(c.at("op").string(), Config(c.at("config")));
    } catch (const std::invalid_argument& e) { throw Skip{e.what()}; }
    module->to(f64);
    NoGrad unrecorded;
    Inputs first, weights;
    for (auto& [name, value] : c["inputs"].items()) first[name] = read_tensor(value);
    call(*module, c, first);  // which builds it
    if (c.contains("adapt_data")) {
        auto& layer = dynamic_cast<Normalization&>(*module);
        layer.adapt(read_tensor(c["adapt_data"]));
        for (auto& [name, value] : layer.state())
            if (c.contains(name)) compare(name, value, reshape(read_tensor(c[name]), value.shape()));
    } else if (c.contains("weights")) weights = weights_named(c["weights"], *module);
    for (auto& [name, weight] : weights) weight.assign(read_tensor(c["weights"][name]));
    const GradMode recording(true);
    differentiate(
        c, compare, [&](const Inputs& x) { return call(*module, c, x); }, weights);
    if (c.contains("updated") && !c.contains("adapt_data"))
        for (auto& [name, value] : weights_named(c["updated"], *module))
            compare("updated " + name, value, read_tensor(c["updated"][name]));
}

}  // namespace xg::golden
