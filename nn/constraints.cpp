#include "constraints.h"
#include "../autograd/ops/arithmetic.h"
#include "../autograd/ops/elementwise.h"
#include "../autograd/ops/reduction.h"
#include "config.h"

namespace xg {

namespace {
constexpr double epsilon = 1e-7;  // beside a length that may be 0

Tensor lengths(const Tensor& w, const std::vector<int>& axis) {
    return norm(w, Axes(axis.begin(), axis.end()), {.keepdims = true});
}
}  // namespace

Tensor NonNeg::operator()(const Tensor& w) const { return maximum(w, 0); }

MaxNorm::MaxNorm(MaxNormOptions o) : options(std::move(o)) {
    require<std::invalid_argument>(options.max_value >= 0, "MaxNorm: expected max_value >= 0, got {}",
                                   options.max_value);
}
Tensor MaxNorm::operator()(const Tensor& w) const {
    const Tensor length = lengths(w, options.axis);
    return w * (minimum(length, options.max_value) / (length + epsilon));
}

Tensor UnitNorm::operator()(const Tensor& w) const { return w / (lengths(w, options.axis) + epsilon); }

MinMaxNorm::MinMaxNorm(MinMaxNormOptions o) : options(std::move(o)) {
    require<std::invalid_argument>(0 <= options.min_value && options.min_value <= options.max_value,
                                   "MinMaxNorm: expected 0 <= min_value <= max_value, got {} and {}", options.min_value,
                                   options.max_value);
    require<std::invalid_argument>(0 <= options.rate && options.rate <= 1,
                                   "MinMaxNorm: expected 0 <= rate <= 1, got {}", options.rate);
}
Tensor MinMaxNorm::operator()(const Tensor& w) const {
    const Tensor length = lengths(w, options.axis);
    const Tensor nearest = minimum(maximum(length, options.min_value), options.max_value);
    return w * ((options.rate * nearest + (1 - options.rate) * length) / (length + epsilon));
}

template <class F> void fields(MaxNormOptions& o, F&& field) {
    field("max_value", o.max_value);
    field("axis", o.axis);
}
template <class F> void fields(UnitNormOptions& o, F&& field) { field("axis", o.axis); }
template <class F> void fields(MinMaxNormOptions& o, F&& field) {
    field("min_value", o.min_value);
    field("max_value", o.max_value);
    field("rate", o.rate);
    field("axis", o.axis);
}

template <> const Table<Constraint>& table<Constraint>() {
    using C = Constraint;
    static const Table<C> entries{entry<MaxNorm, C, MaxNormOptions>("MaxNorm"), entry<NonNeg, C>("NonNeg"),
                                  entry<UnitNorm, C, UnitNormOptions>("UnitNorm"),
                                  entry<MinMaxNorm, C, MinMaxNormOptions>("MinMaxNorm")};
    return entries;
}
template <> Box<Constraint> make<Constraint>(const char* name, const Config* config) {
    return from_table<Constraint>("constraint", name, config);
}

}  // namespace xg
