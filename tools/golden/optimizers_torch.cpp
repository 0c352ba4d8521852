// PyTorch's names and settings, as ours in its convention.
#include "case.h"

namespace xg::golden {

namespace {
Json renamed(const std::string& op, const Json& torch) {
    static const std::map<std::string, std::string> names{
        {"lr", "learning_rate"}, {"line_search_fn", "line_search"}, {"lambd", "lambda"}};
    Json ours = Json::object();
    for (auto& [key, v] : torch.items()) {
        if (key == "etas") ours["eta_minus"] = v[0], ours["eta_plus"] = v[1];
        else if (key == "step_sizes") ours["least_step"] = v[0], ours["largest_step"] = v[1];
        else if (key == "betas") ours["beta_1"] = v[0], ours["beta_2"] = v[1];
        else if (key == "alpha" && op == "RMSprop") ours["rho"] = v;
        else if (key == "eps") ours["epsilon"] = v;
        else if (key == "lr_decay") {
            ours["learning_rate"] = {
                {"class_name", "InverseTimeDecay"},
                {"config", {{"initial_learning_rate", torch.at("lr")}, {"decay_steps", 1}, {"decay_rate", v}}}};
        } else if (key != "maximize" && !(key == "lr" && torch.contains("lr_decay")))
            ours[names.contains(key) ? names.at(key) : key] = v;
    }
    return ours;
}
const std::map<std::string, std::string>& slot_names() {
    static const std::map<std::string, std::string> names{
        {"SGD.momentum", "momentum_buffer"}, {"RMSprop.momentum", "momentum_buffer"},
        {"RMSprop.velocity", "square_avg"},  {"RMSprop.average_gradient", "grad_avg"},
        {"Adagrad.accumulator", "sum"},      {"Adadelta.accumulated_grad", "square_avg"},
        {"Adamax.norm", "exp_inf"},          {"Adadelta.accumulated_delta_var", "acc_delta"},
        {"Rprop.previous_gradient", "prev"}, {"Rprop.step_size", "step_size"},
        {"ASGD.average_weight", "ax"},       {"momentum", "exp_avg"},
        {"velocity", "exp_avg_sq"},          {"velocity_hat", "max_exp_avg_sq"}};
    return names;
}
void compare_slots(const std::string& op, const Json& state, const std::vector<std::string>& names,
                   const Optimizer& optimizer, Comparison& compare) {
    for (auto& slot : optimizer.slots()) {
        const auto& known = slot_names();
        const auto found =
            known.contains(op + "." + slot.name) ? known.find(op + "." + slot.name) : known.find(slot.name);
        for (std::size_t i = 0; i < names.size(); ++i)
            compare(names[i] + " " + found->second, slot.values[i], read_tensor(state.at(names[i]).at(found->second)));
    }
}

void given_gradients(const Json& c, const std::string& op, Optimizer& optimizer, Comparison& compare) {
    std::vector<std::string> names;
    std::vector<Tensor> variables;
    for (auto& [name, value] : c.at("inputs").items())
        names.push_back(name), variables.push_back(read_tensor(value).require_grad());
    for (std::size_t t = 0; t < c.at("steps").size(); ++t) {
        Tensor cost = zeros({}, f64);
        for (std::size_t i = 0; i < names.size(); ++i)
            cost = cost + sum(variables[i] * read_tensor(c.at("gradients")[t].at(names[i])));
        optimizer.minimize(c.at("config").value("maximize", false) ? -cost : cost, variables);
        const Json& step = c["steps"][t];
        for (std::size_t i = 0; i < names.size(); ++i)
            compare(fmt::format("step {} {}", t + 1, names[i]), variables[i],
                    read_tensor(step.at("variables").at(names[i])));
        if (step.contains("state")) compare_slots(op, step["state"], names, optimizer, compare);
    }
}

void rosenbrock(const Json& c, Optimizer& optimizer, Comparison& compare) {
    const Tensor x = read_tensor(c.at("inputs").at("x")).require_grad();
    int calls = 0;
    const auto cost = [&] {
        ++calls;
        const auto n = x.shape()[0];
        const Tensor left = slice(x, 0, n - 1), right = slice(x, 1, n);
        return sum(100 * square(right - square(left)) + square(1 - left));
    };
    const auto last = c.at("steps").end()[-1].at("step").get<int>();
    std::size_t row = 0;
    for (int t = 1; t <= last; ++t) {
        const Tensor before = optimizer.minimize(cost, {x});
        const Json& want = c["steps"][row];
        if (want.at("step") != t) continue;
        ++row;
        compare(fmt::format("loss before step {}", t), before, full({}, number(want.at("loss_before_step")), f64));
        compare(fmt::format("step {} x", t), x, read_tensor(want.at("x")));
        compare(fmt::format("calls until step {}", t), calls, number(want.at("closure_calls")));
    }
    compare("loss after", cost(), full({}, number(c.at("loss_after")), f64));
}
}  // namespace

void optimizer_torch(const Json& c, Comparison& compare) {
    const std::string name = c.at("op").string(), op = name.substr(name.rfind('.') + 1);
    const auto torch = defaults::torch();
    const Config config{renamed(op, c.at("config"))};
    const auto optimizer = make<Optimizer>(op == "NAdam" ? "Nadam" : op.c_str(), &config);
    if (c.contains("function")) rosenbrock(c, *optimizer, compare);
    else given_gradients(c, op, *optimizer, compare);
}

}  // namespace xg::golden
