#pragma once
// What every family of reference cases needs: reading a case, comparing, differentiating.
#include <algorithm>
#include <cmath>
#include <map>
#include "../../nn/settings.h"
#include "../../xgrad.h"

namespace xg::golden {

/// A case that names something beyond what is built.
struct Skip {
    std::string why;
};

inline double number(const Json& v) {
    if (v.is_string()) return v == "nan" ? NAN : v == "inf" ? INFINITY : -INFINITY;
    return v.is_boolean() ? v.boolean() : v.number();
}
inline Tensor read_tensor(const Json& j) {
    Shape shape;
    for (auto& extent : j.at("shape")) shape.push_back(extent.get<std::int64_t>());
    std::vector<double> values;
    for (auto& v : j.at("data")) values.push_back(number(v));
    return Tensor::of<double>(shape, values).to(dtype_from(j.at("dtype").string()));
}
template <class Base> Box<Base> make_from(const Json& c) {
    const std::string& op = c.at("op").string();
    const Config config(c.at("config"));
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
/// Which of a module's weights ("forward.cell.kernel") is meant by each of Keras' names
/// ("forward_lstm/lstm_cell/kernel"): the one of that name, else the next of those that end like it. Throws if there is
/// none.
std::map<std::string, Tensor> weights_named(const Json& keras, const Module& module);
/// Reads inputs and weights as leaves, calls f, and compares outputs and gradients.
template <class F> void differentiate(const Json& c, Comparison& compare, const F& f, const Inputs& more = {}) {
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
        if (!x.contains(name)) throw std::logic_error("a gradient of " + name + ", which no input or weight is called");
        if (!x[name].requires_grad()) throw std::logic_error("a gradient of " + name + ", which is not floating");
        compare("gradient of " + name, grad(total, x[name], {.retain_graph = true, .unused = Unused::zeros}),
                read_tensor(want));
    }
}

// One function a family; each throws Skip for what is not built.
void activation(const Json& c, Comparison& compare);
void loss(const Json& c, Comparison& compare);
void torch_loss(const Json& c, Comparison& compare);
void schedule(const Json& c, Comparison& compare);
void optimizer(const Json& c, Comparison& compare);
void optimizer_torch(const Json& c, Comparison& compare);
void metric(const Json& c, Comparison& compare);
void layer(const Json& c, Comparison& compare);
void initializer(const Json& c, Comparison& compare);
void regularizer(const Json& c, Comparison& compare);
void constraint(const Json& c, Comparison& compare);
void numpy(const Json& c, Comparison& compare);
void autodiff(const Json& c, Comparison& compare);
/// `earlier` are cases whose data this one may use.
void training(const Json& c, Comparison& compare, const Json& earlier);

}  // namespace xg::golden
