#include "metric.h"
#include "../../autograd/node.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/layout.h"
#include "../../io/state.h"
#include "shared.h"

namespace xg {

void Metric::update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) {
    NoGrad unrecorded;
    Tensor weight = sample_weight;
    if (Tensor mask = y_pred.mask(); mask.defined()) {
        mask = mask.to(f64);
        if (weight.defined()) {
            weight = weight.to(f64);
            while (weight.rank() < mask.rank()) weight = expand_dims(weight, -1);
            while (mask.rank() < weight.rank()) mask = expand_dims(mask, -1);
            mask = mask * weight;
        }
        weight = mask;
    }
    observe(y_true.detach(), y_pred.detach(), weight);
}
void Metric::save(State& state) {
    int number = 0;
    visit_counts([&](std::vector<double>& counts) {
        state.set(fmt::format("counts_{}", number++), Tensor::of<double>({counts.size()}, counts));
    });
}
void Metric::load(const State& state) {
    int number = 0;
    visit_counts([&](std::vector<double>& counts) {
        const Tensor& kept = state.tensor(fmt::format("counts_{}", number++));
        counts.assign(kept.data<double>().begin(), kept.data<double>().end());
    });
}
void Metric::visit_counts(const std::function<void(std::vector<double>&)>&) {
    fail<std::logic_error>("checkpoint: expected metric {} to override visit_counts(), as a resumed run needs it",
                           name_);
}
double Metric::result() const {
    const Tensor all_values = value();
    require<std::logic_error>(all_values.numel() == 1, "{}: expected one value, got {}: value() gives them all", name_,
                              all_values.shape());
    return all_values.item();
}
Tensor Metric::value() const { return full({}, result(), f64); }

namespace detail {
Tensor weights_for(const std::string& metric, const Tensor& weight, const Shape& shape) {
    if (!weight.defined()) return {};
    Tensor w = weight.to(f64);
    while (w.rank() > shape.rank() && w.shape().back() == 1) w = squeeze(w, -1);
    while (w.rank() > 0 && w.rank() < shape.rank()) w = expand_dims(w, -1);
    bool fits = w.rank() <= shape.rank();
    for (int a = 0; fits && a < w.rank(); ++a) fits = w.shape()[a] == 1 || w.shape()[a] == shape[a];
    require(fits, "{}: expected one sample_weight an example {}, got {}", metric, shape, weight.shape());
    return broadcast_to(w, shape);
}
Tensor beside(const std::string& metric, const Tensor& y_true, const Tensor& y_pred) {
    const auto without_last_one = [](const Shape& s) {
        return Shape(s.begin(), s.end() - (s.rank() > 0 && s.back() == 1));
    };
    const Shape &t = y_true.shape(), &p = y_pred.shape();
    require(t == p || without_last_one(t) == p || t == without_last_one(p),
            "{}: expected y_true and y_pred of one shape, got {} and {}", metric, t, p);
    return t == p ? y_true : reshape(y_true, p);
}
}  // namespace detail

}  // namespace xg
