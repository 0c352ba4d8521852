// golden DIR [FAMILY...]: runs reference cases from other libraries through ours, in float64, and says what differs.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include "../nn/config.h"
#include "../xgrad.h"
using namespace xg;
using json = nlohmann::ordered_json;

namespace {

/// A case that names something beyond what is built.
struct Skip {
    std::string why;
};

double number(const json& v) {
    if (v.is_string()) return v == "nan" ? NAN : v == "inf" ? INFINITY : -INFINITY;
    return v.is_boolean() ? double(v.get<bool>()) : v.get<double>();
}
Tensor read_tensor(const json& j) {
    Shape shape;
    for (auto& extent : j.at("shape")) shape.push_back(extent.get<std::int64_t>());
    std::vector<double> values;
    for (auto& v : j.at("data")) values.push_back(number(v));
    return Tensor::of<double>(shape, values).to(dtype_from(j.at("dtype").get<std::string>()));
}
Config config_of(const json& j) { return {nlohmann::json::parse(j.dump())}; }
template <class Base> Box<Base> make_from(const json& c) {
    std::string op = c.at("op");
    const Config config = config_of(c.at("config"));
    try {
        make<Base>(op.c_str(), &config);
    } catch (const std::invalid_argument& e) { throw Skip{e.what()}; }
    return make<Base>(op.c_str(), &config);
}

/// Collects the largest difference of a case, and says which value it was.
class Comparison {
public:
    explicit Comparison(double tolerance) : tolerance_(tolerance) {}
    void operator()(const std::string& what, const Tensor& got, const Tensor& want) {
        if (!(got.shape() == want.shape())) {
            note(what + fmt::format(" has shape {}, expected {}", got.shape(), want.shape()), INFINITY);
            return;
        }
        const Tensor a = got.detach().to(f64), b = want.to(f64);
        double scale = 0;
        for (double v : b.data<double>())
            if (std::isfinite(v)) scale = std::max(scale, std::fabs(v));
        for (std::int64_t i = 0; i < a.numel(); ++i) {
            const double x = a.raw<double>()[i], y = b.raw<double>()[i];
            const bool same = x == y || (std::isnan(x) && std::isnan(y));
            const double off = same ? 0 : std::fabs(x - y);
            if (!(off <= tolerance_ * (1 + scale)))
                note(fmt::format("{}[{}] is {:.17g}, expected {:.17g}", what, i, x, y), off);
        }
    }
    void operator()(const std::string& what, double got, double want) {
        (*this)(what, full({}, got, f64), full({}, want, f64));
    }
    bool ok() const { return text_.empty(); }
    std::string text() const { return fmt::format("{} (largest error {:.1e})", text_, worst_); }

private:
    void note(std::string text, double off) {
        if (text_.empty() || !(off <= worst_)) text_ = std::move(text), worst_ = off;
    }
    double tolerance_, worst_ = 0;
    std::string text_;
};

using Inputs = std::map<std::string, Tensor>;
/// Reads inputs and weights as leaves, calls f, and compares outputs and gradients.
template <class F> void differentiate(const json& c, Comparison& compare, const F& f, const Inputs& more = {}) {
    Inputs x = more;
    for (auto& [name, value] : c.at("inputs").items()) {
        x[name] = read_tensor(value);
        if (is_float(x[name].dtype())) x[name].require_grad();
    }
    const std::vector<Tensor> y = f(x);
    Tensor total = zeros({}, f64);
    std::size_t i = 0;
    for (auto& [name, want] : c.at("outputs").items()) {
        compare(name, y.at(i), read_tensor(want));
        if (!compare.ok()) return;
        if (c.contains("cotangents") && c["cotangents"].contains(name) && y[i].requires_grad())
            total = total + sum(y[i] * read_tensor(c["cotangents"][name]));
        ++i;
    }
    if (!c.contains("grads")) return;
    for (auto& [name, want] : c["grads"].items()) {
        if (!x.contains(name) || !x[name].requires_grad()) continue;
        compare("gradient of " + name, grad(total, x[name], {.retain_graph = true, .unused = Unused::zeros}),
                read_tensor(want));
    }
}

// --- families ---

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
            if (o.contains("axis") && !o["axis"].is_number()) throw Skip{op + " over several axes"};
            return op == "softmax" ? softmax(x, o.value("axis", -1)) : log_softmax(x, o.value("axis", -1));
        }
        if (op == "gelu" && o.value("approximate", false)) return gelu(x, {.approximate = true});
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
        if (!u.contains("y_true")) throw Skip{"no y_true"};
        metric->update(read_tensor(u["y_true"]), read_tensor(u.at("y_pred")), weight);
        compare(fmt::format("update {}", ++t), full({}, metric->result(), f64), read_tensor(u.at("result")));
    }
    metric->reset();
    if (c.contains("result_after_reset"))
        compare("after reset", full({}, metric->result(), f64), read_tensor(c["result_after_reset"]));
}

void layer(const json& c, Comparison& compare) {
    std::shared_ptr<Module> module;
    if (!c.contains("outputs") || !c.contains("inputs")) throw Skip{"a rule in words"};
    const Training mode(c.value("training", false));
    try {
        module = make_module(c.at("op"), config_of(c.at("config")));
    } catch (const std::invalid_argument& e) { throw Skip{e.what()}; }
    module->to(f64);
    NoGrad unrecorded;
    const Tensor first = read_tensor(c["inputs"].begin().value());
    (*module)(first);
    Inputs weights;
    if (c.contains("weights"))
        for (auto& [name, value] : c["weights"].items())
            for (auto& [own, parameter] : module->named_parameters())
                if (own == name) parameter.assign(read_tensor(value)), weights[name] = parameter;
    const GradMode recording(true);
    differentiate(
        c, compare, [&](Inputs& x) { return std::vector{(*module)(x.at(c["inputs"].begin().key()))}; }, weights);
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

Axes axes_of(const json& axis) {
    if (axis.is_null()) return all;
    if (axis.is_number()) return axis.get<int>();
    const auto list = axis.get<std::vector<int>>();
    return Axes(list.begin(), list.end());
}
Index index_of(const json& i) {
    if (i.is_number()) return i.get<std::int64_t>();
    if (i == "new") return newaxis;
    if (i == "...") return ellipsis;
    const auto at = [&](std::size_t k) {
        return k < i.size() && !i[k].is_null() ? std::optional<std::int64_t>(i[k].get<std::int64_t>()) : std::nullopt;
    };
    return Slice(at(0), at(1), at(2).value_or(1));
}
void numpy(const json& c, Comparison& compare) {
    using One = Tensor (*)(const Tensor&);
    using Two = Tensor (*)(const Tensor&, const Tensor&);
    using Fold = Tensor (*)(const Tensor&, Axes, Reduction);
    static const std::map<std::string, One> ones{{"exp", exp},
                                                 {"expm1", expm1},
                                                 {"sin", sin},
                                                 {"cos", cos},
                                                 {"tan", tan},
                                                 {"sinh", sinh},
                                                 {"cosh", cosh},
                                                 {"tanh", tanh},
                                                 {"arctan", arctan},
                                                 {"absolute", abs},
                                                 {"sign", sign},
                                                 {"square", square},
                                                 {"erf", erf},
                                                 {"sigmoid", sigmoid},
                                                 {"log", log},
                                                 {"log1p", log1p},
                                                 {"log2", log2},
                                                 {"log10", log10},
                                                 {"sqrt", sqrt},
                                                 {"rsqrt", rsqrt},
                                                 {"reciprocal", reciprocal},
                                                 {"arcsin", arcsin},
                                                 {"arccos", arccos},
                                                 {"floor", floor},
                                                 {"ceil", ceil},
                                                 {"round", round},
                                                 {"trunc", trunc},
                                                 {"negative", [](const Tensor& x) { return -x; }}};
    static const std::map<std::string, Two> twos{
        {"add", operator+ },
         {"subtract", operator- },
          {"multiply", operator* },
           {"divide", operator/ }, {"maximum", maximum}, {"minimum", minimum}, {"arctan2", arctan2}, {"hypot", hypot},
            {"logaddexp", logaddexp}, {"mod", mod}, {"floor_divide", floor_divide},
            {"less", operator<},
             {"greater_equal", operator>= },
              {"equal", operator== }, {"power", pow}, {"matmul", [](const Tensor& a, const Tensor& b) {
                                                           return matmul(a, b);
                                                       }}};
    static const std::map<std::string, Fold> folds{{"sum", sum},   {"mean", mean}, {"max", max},
                                                   {"min", min},   {"prod", prod}, {"logsumexp", logsumexp},
                                                   {"norm", norm}, {"any", any},   {"all", every}};
    const std::string op = c.at("op");
    const json& o = c.at("config");
    const auto axis = [&](int otherwise) {
        return o.contains("axis") && o["axis"].is_number() ? o["axis"].get<int>() : otherwise;
    };
    differentiate(c, compare, [&](Inputs& x) -> std::vector<Tensor> {
        std::vector<Tensor> in;
        for (auto& [name, value] : c.at("inputs").items()) in.push_back(x[name]);
        if (ones.contains(op)) return {ones.at(op)(in[0])};
        if (twos.contains(op)) return {twos.at(op)(in[0], in[1])};
        if (folds.contains(op)) {
            if (o.contains("ord") && o["ord"] != 2) throw Skip{"norm of another order"};
            return {folds.at(op)(in[0], axes_of(o.contains("axis") ? o["axis"] : json()),
                                 {.keepdims = o.value("keepdims", false)})};
        }
        if (op == "var" || op == "std")
            return {(op == "var" ? var : stddev)(
                in[0], axes_of(o.contains("axis") ? o["axis"] : json()),
                {o.value("correction", o.value("ddof", 0.0)), o.value("keepdims", false)})};
        if (op == "argmax" || op == "argmin") {
            const Tensor v = o["axis"].is_null() ? reshape(in[0], {-1}) : in[0];
            return {op == "argmax" ? argmax(v, axis(0), {.keepdims = o.value("keepdims", false)})
                                   : argmin(v, axis(0), {.keepdims = o.value("keepdims", false)})};
        }
        if (op == "slice") {
            std::vector<Index> indices;
            for (auto& i : o.at("index")) indices.push_back(index_of(i));
            return {xg::detail::index(in[0], indices)};
        }
        if (op == "take") return {take(in[0], in[1], axis(0))};
        if (op == "take_along_axis") return {take_along_axis(in[0], in[1], axis(-1))};
        if (op == "boolean_mask") return {in[0](in[1])};
        if (op == "scatter_add") return {in[0] + scatter_add(in[2], in[1], in[0].shape())};
        if (op == "scatter_set") {
            const Tensor hit = scatter_add(ones_like(in[2]), in[1], in[0].shape());
            return {where(hit > 0, scatter_add(in[2], in[1], in[0].shape()), in[0])};
        }
        if (op == "concatenate") return {concatenate(in, axis(0))};
        if (op == "stack") return {stack(in, axis(0))};
        if (op == "split" && o.contains("sections")) return split(in[0], o["sections"].get<std::int64_t>(), axis(0));
        if (op == "tile") {
            const auto r = o["reps"].get<std::vector<std::int64_t>>();
            return {tile(in[0], Shape(r.begin(), r.end()))};
        }
        if (op == "repeat") return {repeat(in[0], o["repeats"].get<std::int64_t>(), axis(0))};
        if (op == "pad" && o.value("mode", "constant") == "constant") {
            std::vector<Padding> p;
            for (auto& w : o["pad_width"]) p.push_back({w[0].get<std::int64_t>(), w[1].get<std::int64_t>()});
            return {pad(in[0], p, o.value("constant_value", 0.0))};
        }
        if (op == "flip") return {flip(in[0], axes_of(o["axis"]))};
        if (op == "roll" && o["shift"].is_number() && o["axis"].is_null())
            return {reshape(roll(reshape(in[0], {-1}), o["shift"].get<std::int64_t>(), 0), in[0].shape())};
        if (op == "roll" && o["shift"].is_number() && o["axis"].is_number())
            return {roll(in[0], o["shift"].get<std::int64_t>(), axis(0))};
        if (op == "roll") {
            Tensor y = in[0];
            for (std::size_t i = 0; i < o["shift"].size(); ++i)
                y = roll(y, o["shift"][i].get<std::int64_t>(), o["axis"][i].get<int>());
            return {y};
        }
        if (op == "sort") return {sort(in[0], axis(-1))};
        if (op == "argsort") return {argsort(in[0], axis(-1))};
        if (op == "cumsum") return {cumsum(in[0], axis(-1))};
        if (op == "top_k") {
            auto [v, i] = topk(in[0], o["k"].get<std::int64_t>());
            return {v, i};
        }
        if (op == "transpose") {
            const auto a = o["axes"].get<std::vector<int>>();
            return {xg::detail::permute(in[0], a.data())};
        }
        if (op == "where") return {where(in[0], in[1], in[2])};
        if (op == "clip") return {clip(in[0], o["min"].get<double>(), o["max"].get<double>())};
        if (op == "tril" || op == "triu") return {(op == "tril" ? tril : triu)(in[0], o["k"].get<std::int64_t>())};
        throw Skip{op};
    });
}

/// (op arg ... :key value ...), as the autodiff family writes expressions.
class Expression {
public:
    Expression(const std::string& text, const Inputs& x) : x_(x) {
        std::string spaced;
        for (char ch : text)
            spaced += ch == '(' || ch == ')' || ch == '[' || ch == ']' ? std::string{' ', ch, ' '}
                      : ch == ','                                      ? " "
                                                                       : std::string{ch};
        std::istringstream in(spaced);
        words_.assign(std::istream_iterator<std::string>(in), {});
    }
    Tensor value() {
        const std::string word = words_.at(at_++);
        if (word != "(") return x_.contains(word) ? x_.at(word) : full({}, std::stod(word), f64);
        const std::string op = words_.at(at_++);
        std::vector<Tensor> a;
        std::map<std::string, std::vector<double>> o;
        while (words_.at(at_) != ")") {
            if (words_[at_][0] != ':') {
                a.push_back(value());
                continue;
            }
            auto& list = o[words_[at_++].substr(1)];
            const bool several = words_.at(at_) == "[";
            if (several) ++at_;
            do
                list.push_back(words_.at(at_) == "true" ? 1
                               : words_[at_] == "false" ? 0
                                                        : std::stod(words_[at_])),
                    ++at_;
            while (several && words_.at(at_) != "]");
            if (several) ++at_;
        }
        ++at_;
        return apply(op, a, o);
    }

private:
    static Tensor apply(const std::string& op, const std::vector<Tensor>& a,
                        std::map<std::string, std::vector<double>>& o) {
        static const std::map<std::string, Tensor (*)(const Tensor&)> ones{
            {"exp", exp},         {"log", log}, {"sqrt", sqrt}, {"tanh", tanh},
            {"sigmoid", sigmoid}, {"sin", sin}, {"cos", cos},   {"abs", abs}};
        static const std::map<std::string, Tensor (*)(const Tensor&, const Tensor&)> twos{
            {"add", operator+ },
             {"sub", operator- }, {"mul", operator* }, {"div", operator/ }, {"pow", pow}, {"gt", operator> } };
        const Axes axes = o.contains("axis") ? Axes(int(o["axis"][0])) : Axes(all);
        const Reduction keep{o.contains("keepdims") && o["keepdims"][0] != 0};
        if (ones.contains(op)) return ones.at(op)(a[0]);
        if (twos.contains(op)) return twos.at(op)(a[0], a[1]);
        if (op == "neg") return -a[0];
        if (op == "clip") return clip(a[0], o["lo"][0], o["hi"][0]);
        if (op == "where") return where(a[0], a[1], a[2]);
        if (op == "matmul") return matmul(a[0], a[1]);
        if (op == "transpose") return transpose(a[0]);
        if (op == "reshape") return reshape(a[0], Shape(o["shape"].begin(), o["shape"].end()));
        if (op == "concat") return concatenate(a, int(o["axis"][0]));
        if (op == "slice") {
            std::vector<Index> i(std::size_t(a[0].rank()), Index(all));
            i[std::size_t(o["axis"][0])] = Slice(std::int64_t(o["start"][0]), std::int64_t(o["stop"][0]));
            return xg::detail::index(a[0], i);
        }
        if (op == "sum") return sum(a[0], axes, keep);
        if (op == "mean") return mean(a[0], axes, keep);
        if (op == "max") return max(a[0], axes, keep);
        if (op == "logsumexp") return logsumexp(a[0], axes, keep);
        if (op == "softmax") return softmax(a[0], int(o["axis"][0]));
        throw Skip{op};
    }
    std::vector<std::string> words_;
    std::size_t at_ = 0;
    const Inputs& x_;
};
void autodiff(const json& c, Comparison& compare) {
    differentiate(c, compare, [&](Inputs& x) { return std::vector{Expression(c.at("expression"), x).value()}; });
    if (!compare.ok() || !c.contains("hessian")) return;
    Inputs x;
    std::vector<Tensor> leaves;
    for (auto& [name, value] : c.at("inputs").items()) leaves.push_back(x[name] = read_tensor(value).require_grad());
    const Tensor y = Expression(c.at("expression"), x).value();
    const auto slopes =
        grad(sum(y * read_tensor(c.at("cotangents").at("y"))), leaves, {.create_graph = true, .unused = Unused::zeros});
    std::vector<Tensor> rows;
    for (const Tensor& slope : slopes)
        for (std::int64_t i = 0; i < slope.numel(); ++i) {
            const auto row = grad(slope.requires_grad() ? sum(slice(reshape(slope, {-1}), i, i + 1)) : zeros({}, f64),
                                  leaves, {.retain_graph = true, .unused = Unused::zeros});
            std::vector<Tensor> flat;
            for (const Tensor& part : row) flat.push_back(reshape(part.detach(), {-1}));
            rows.push_back(concatenate(flat));
        }
    compare("hessian", stack(rows), read_tensor(c["hessian"]));
}

/// The whole of a training run, epoch by epoch. `earlier` are cases whose data this one may use.
void training(const json& c, Comparison& compare, const json& earlier) {
    if (c.contains("callbacks")) throw Skip{"callbacks"};
    std::shared_ptr<Module> net;
    try {
        net = make_module("Sequential", config_of(c.at("model")));
    } catch (const std::invalid_argument& e) { throw Skip{e.what()}; }
    const auto data = [&](const char* name) -> Tensor {
        const json* from = &c.at("data");
        for (const auto& other : earlier)
            if (!from->contains(name) || !(*from)[name].is_object() || !(*from)[name].contains("data"))
                from = &other.at("data");
        const json& j = from->at(name);
        if (!j.contains("data")) throw Skip{"data named elsewhere"};
        const Tensor t = read_tensor(j);
        return j.contains("scale") ? t.to(f64) * j["scale"].get<double>() : t;
    };
    Model model(net);
    const Config optimizer = config_of(c.at("optimizer").at("config")), loss = config_of(c.at("loss").at("config"));
    model.compile({.optimizer = make<Optimizer>(c["optimizer"].at("class_name").get<std::string>().c_str(), &optimizer),
                   .loss = make<Loss>(c["loss"].at("class_name").get<std::string>().c_str(), &loss),
                   .metrics = {"accuracy"}});
    const Tensor x = data("x"), y = data("y");
    model.predict(slice(x, 0, 1));
    const auto path = [](std::string name) {
        std::ranges::replace(name, '.', '/');
        return name;
    };
    for (auto& [name, p] : model.named_parameters())
        if (c.at("initial_weights").contains(path(name))) p.assign(read_tensor(c["initial_weights"][path(name)]));
    const json& fit = c.at("fit");
    const History history = model.fit(x, y,
                                      {.epochs = fit.at("epochs"),
                                       .batch_size = fit.at("batch_size"),
                                       .validation_split = fit.value("validation_split", 0.0),
                                       .shuffle = false,
                                       .verbose = 0});
    for (auto& [name, curve] : c.at("history").items())
        for (std::size_t e = 0; e < curve.size(); ++e)
            compare(fmt::format("{} of epoch {}", name, e), history[name].at(e), number(curve[e]));
    for (auto& [name, p] : model.named_parameters())
        compare("final " + name, p, read_tensor(c.at("final_weights").at(path(name))));
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
