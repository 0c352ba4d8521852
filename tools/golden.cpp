// golden DIR [FAMILY...]: runs reference cases from other libraries through ours, in float64, and says what differs.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include "golden/case.h"
using namespace xg;
using namespace xg::golden;

namespace {

void activation(const json& c, Comparison& compare) {
    const std::string op = c.at("op");
    const json& o = c.at("config");
    const auto f = [&](const Tensor& x) -> Tensor {
        if (op == "relu")
            return relu(x,
                        {o.value("negative_slope", 0.0),
                         o.contains("max_value") && !o["max_value"].is_null() ? o["max_value"].get<double>() : INFINITY,
                         o.value("threshold", 0.0)});
        if (op == "softmax" || op == "log_softmax") {
            std::vector<int> axes{-1};
            if (o.contains("axis"))
                axes = o["axis"].is_number() ? std::vector{o["axis"].get<int>()} : o["axis"].get<std::vector<int>>();
            const Axes along(axes.begin(), axes.end());
            return op == "softmax" ? softmax(x, along) : log_softmax(x, along);
        }
        if (op == "gelu" && o.value("approximate", false)) return gelu(x, {.approximate = true});
        if (op == "elu") return elu(x, {o.value("alpha", 1.0)});
        if (op == "leaky_relu") return relu(x, {.negative_slope = o.value("negative_slope", 0.2)});
        if (!o.empty()) throw Skip{op + " with settings"};
        try {
            return Function(op)(x);
        } catch (const std::invalid_argument& e) { throw Skip{e.what()}; }
    };
    differentiate(c, compare, [&](Inputs& x) { return std::vector{f(x.begin()->second)}; });
}

void loss(const json& c, Comparison& compare) {
    if (c.at("op") == "CTC") throw Skip{"CTC"};
    const auto loss = make_from<Loss>(c);
    differentiate(c, compare, [&](Inputs& x) {
        if (x.contains("mask")) x["y_pred"].set_mask(x["mask"]);
        return std::vector{
            (*loss)(x["y_true"], x["y_pred"], x.contains("sample_weight") ? x["sample_weight"] : Tensor())};
    });
}

void schedule(const json& c, Comparison& compare) {
    const auto schedule = make_from<Schedule>(c);
    for (std::size_t i = 0; i < c.at("steps").size(); ++i)
        compare(fmt::format("step {}", c["steps"][i].get<int>()), (*schedule)(c["steps"][i].get<std::int64_t>()),
                number(c.at("learning_rates")[i]));
}

void optimizer(const json& c, Comparison& compare) {
    if (c.contains("constraint") && !c["constraint"].is_null()) throw Skip{"constraints"};
    auto optimizer = make_from<Optimizer>(c);
    std::vector<std::string> names;
    std::vector<Tensor> variables;
    for (auto& [name, value] : c.at("inputs").items())
        names.push_back(name), variables.push_back(read_tensor(value).require_grad());
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
        optimizer->minimize(cost, variables);
        const json& step = c["steps"][t];
        for (std::size_t i = 0; i < names.size(); ++i)
            compare(fmt::format("step {} {}", t + 1, names[i]), variables[i],
                    read_tensor(step.at("variables").at(names[i])));
        if (!step.contains("slots")) continue;
        for (auto& slot : optimizer->slots())
            for (std::size_t i = 0; i < names.size(); ++i)
                if (const std::string name = names[i] + "_" + slot.name; step["slots"].contains(name))
                    compare(fmt::format("step {} {}", t + 1, name), slot.values[i], read_tensor(step["slots"][name]));
    }
    if (!c.contains("after_finalize") || c["after_finalize"].is_null()) return;
    optimizer->use_average();
    for (std::size_t i = 0; i < names.size(); ++i)
        compare("average of " + names[i], variables[i], read_tensor(c["after_finalize"].at(names[i])));
}

void metric(const json& c, Comparison& compare) {
    const auto metric = make_from<Metric>(c);
    int t = 0;
    for (auto& u : c.at("updates")) {
        const Tensor weight =
            u.contains("sample_weight") && !u["sample_weight"].is_null() ? read_tensor(u["sample_weight"]) : Tensor();
        if (u.contains("values")) metric->add(read_tensor(u["values"]), weight);
        else metric->update(read_tensor(u.at("y_true")), read_tensor(u.at("y_pred")), weight);
        compare(fmt::format("update {}", ++t), full({}, metric->result(), f64), read_tensor(u.at("result")));
    }
    metric->reset();
    if (c.contains("result_after_reset"))
        compare("after reset", full({}, metric->result(), f64), read_tensor(c["result_after_reset"]));
}

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
        for (auto& [name, value] : c["inputs"].items()) in.push_back(x.at(name));
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

/// What a distribution promises, on a large draw.
void initializer(const json& c, Comparison& compare) {
    const auto make_values = make_from<Initializer>(c);
    if (c.contains("outputs")) {
        const Tensor want = read_tensor(c["outputs"].begin().value());
        return compare("y", (*make_values)(want.shape(), f64), want);
    }
    Shape shape{4000};
    if (c.contains("shape")) shape = Shape(c["shape"].begin(), c["shape"].end());
    if (c.contains("property")) {
        // Orthonormal rows or columns: the Gram matrix of the fewer.
        const auto columns = shape.back();
        const Tensor w = reshape((*make_values)(shape, f64), {-1, columns});
        const bool tall = w.shape()[0] >= columns;
        const double gain = c["config"].value("gain", 1.0);
        return compare("gram", matmul(w, w, {.transpose_a = tall, .transpose_b = !tall}),
                       eye(std::min(w.shape()[0], columns), -1, f64) * (gain * gain));
    }
    // Draws enough to tell: the mean and the spread within five standard errors, nothing beyond the ends.
    std::vector<Tensor> draws;
    for (std::int64_t n = 0; n < 40'000; n += shape.numel()) draws.push_back(reshape((*make_values)(shape, f64), {-1}));
    const Tensor x = concatenate(draws);
    const json& p = c.at("parameters");
    const double n = double(x.numel()),
                 low = p.value("minimum",
                               p.contains("cut_at") ? p.value("mean", 0.0) - p["cut_at"].get<double>() : -INFINITY),
                 high = p.value("maximum",
                                p.contains("cut_at") ? p.value("mean", 0.0) + p["cut_at"].get<double>() : INFINITY);
    const double spread = p.value("stddev", (high - low) / std::sqrt(12.0)),
                 middle = p.value("mean", 0.5 * (low + high));
    const auto within = [&](const char* what, double got, double want, double by) {
        compare(what, std::fabs(got - want) <= by ? want : got, want);
    };
    within("mean", mean(x).item(), middle, 5 * spread / std::sqrt(n));
    within("stddev", stddev(x).item(), spread, 5 * spread / std::sqrt(n));
    compare("below the least", min(x).item() >= low - 1e-12, 1);
    compare("above the most", max(x).item() <= high + 1e-12, 1);
}

struct Count {
    int passed = 0, failed = 0, skipped = 0;
};
Count run_family(const std::filesystem::path& file) {
    const json all_cases = json::parse(std::ifstream(file)).at("cases");
    static const std::map<std::string, void (*)(const json&, Comparison&)> families{
        {"activations", activation}, {"losses", loss},       {"schedules", schedule}, {"optimizers", optimizer},
        {"metrics", metric},         {"layers_core", layer}, {"layers_shape", layer}, {"initializers", initializer},
        {"numpy_ops", numpy},        {"autodiff", autodiff}};
    Count count;
    std::set<std::string> skipped;
    json earlier = json::array();
    const std::string family = file.stem();
    for (const json& c : all_cases) {
        const std::string name = c.at("name");
        Comparison compare(c.value("tolerance", 1e-10));
        try {
            if (family == "training") training(c, compare, earlier);
            else if (const auto found = families.find(family); found != families.end()) found->second(c, compare);
            else throw Skip{"the family " + family};
            ++(compare.ok() ? count.passed : count.failed);
            if (!compare.ok()) fmt::print("FAILED {}: {}\n", name, compare.text());
        } catch (const Skip& skip) {
            ++count.skipped;
            skipped.insert(name.substr(0, name.find('/')));
        } catch (const std::exception& e) {
            ++count.failed;
            fmt::print("FAILED {}: {}\n", name, e.what());
        }
        earlier.push_back(c);
    }
    fmt::print("{}: {} passed, {} failed, {} skipped", family, count.passed, count.failed, count.skipped);
    const char* between = " (";
    for (auto& name : skipped) fmt::print("{}{}", std::exchange(between, ", "), name);
    fmt::print("{}\n", skipped.empty() ? "" : ")");
    return count;
}
}  // namespace

int main(int count, char** arguments) {
    if (count < 2) {
        fmt::print("golden DIR [FAMILY...]: expected a folder of reference cases\n");
        return 2;
    }
    const std::set<std::string> wanted(arguments + 2, arguments + count);
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(arguments[1]))
        if (entry.path().extension() == ".json" && entry.path().stem() != "DEFAULTS" &&
            (wanted.empty() || wanted.contains(entry.path().stem())))
            files.insert(entry.path());
    Count total;
    for (const auto& file : files) {
        const Count c = run_family(file);
        total.passed += c.passed, total.failed += c.failed, total.skipped += c.skipped;
    }
    fmt::print("{} passed, {} failed, {} skipped\n", total.passed, total.failed, total.skipped);
    return total.failed ? 1 : 0;
}
