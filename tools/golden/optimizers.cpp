#include "case.h"

namespace xg::golden {

void schedule(const Json& c, Comparison& compare) {
    const auto schedule = make_from<Schedule>(c);
    for (std::size_t i = 0; i < c.at("steps").size(); ++i)
        compare(fmt::format("step {}", c["steps"][i].get<int>()), (*schedule)(c["steps"][i].get<std::int64_t>()),
                number(c.at("learning_rates")[i]));
}

namespace {
/// Variables that have names.
struct Named : Module {
    Named(const std::vector<std::string>& names, const std::vector<Tensor>& variables) {
        for (std::size_t i = 0; i < names.size(); ++i) parameter(names[i], variables[i]);
    }
};
}  // namespace

void optimizer(const Json& c, Comparison& compare) {
    auto optimizer = make_from<Optimizer>(c);
    std::vector<std::string> names;
    std::vector<Tensor> variables;
    for (auto& [name, value] : c.at("inputs").items())
        names.push_back(name), variables.push_back(read_tensor(value).require_grad());
    const Named named(names, variables);
    if (c.contains("constraint") && !c["constraint"].is_null()) {
        Box<Constraint> within;
        from(Config(c["constraint"]).json(), within);
        for (const Tensor& v : variables) constrain(v, [within](const Tensor& w) { return (*within)(w); });
    }
    if (c.contains("exclude_from_weight_decay") && c["exclude_from_weight_decay"].is_array())
        for (auto& name : c["exclude_from_weight_decay"])
            optimizer->exclude_from_weight_decay(
                {variables[std::size_t(std::ranges::find(names, name.get<std::string>()) - names.begin())]});
    for (std::size_t t = 0; t < c.at("steps").size(); ++t) {
        const auto key = std::to_string(t + 1);
        if (c.contains("set_learning_rate_before_step") && c["set_learning_rate_before_step"].is_object() &&
            c["set_learning_rate_before_step"].contains(key))
            optimizer->set_learning_rate(c["set_learning_rate_before_step"][key].get<double>());
        Tensor cost = zeros({}, f64);
        for (std::size_t i = 0; i < names.size(); ++i)
            cost = cost + sum(variables[i] * read_tensor(c.at("gradients")[t].at(names[i])));
        cost.backward();
        optimizer->step(named);
        zero_grad(variables);
        const Json& step = c["steps"][t];
        for (std::size_t i = 0; i < names.size(); ++i)
            compare(fmt::format("step {} {}", t + 1, names[i]), variables[i],
                    read_tensor(step.at("variables").at(names[i])));
        if (!step.contains("slots")) continue;
        for (auto& slot : optimizer->slots())
            for (std::size_t i = 0; i < names.size(); ++i)
                if (const std::string name = names[i] + "_" + slot.name;
                    slot.values[i].numel() && step["slots"].contains(name))
                    compare(fmt::format("step {} {}", t + 1, name), slot.values[i], read_tensor(step["slots"][name]));
    }
    if (!c.contains("after_finalize") || c["after_finalize"].is_null()) return;
    optimizer->use_average();
    for (std::size_t i = 0; i < names.size(); ++i)
        compare("average of " + names[i], variables[i], read_tensor(c["after_finalize"].at(names[i])));
}

}  // namespace xg::golden
