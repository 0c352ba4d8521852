#include "regularizers.h"
#include <cmath>
#include "../autograd/ops/arithmetic.h"
#include "../autograd/ops/elementwise.h"
#include "../autograd/ops/linear_algebra.h"
#include "../autograd/ops/reduction.h"
#include "../tensor/create.h"
#include "config.h"

namespace xg {

namespace {
void require_strength(const char* regularizer, const char* name, double strength) {
    require<std::invalid_argument>(std::isfinite(strength) && strength >= 0, "{}: expected a finite {} >= 0, got {}",
                                   regularizer, name, strength);
}
}  // namespace

L1::L1(L1Options o) : options(o) { require_strength("L1", "l1", o.l1); }
Tensor L1::operator()(const Tensor& x) const { return options.l1 * sum(abs(x)); }

L2::L2(L2Options o) : options(o) { require_strength("L2", "l2", o.l2); }
Tensor L2::operator()(const Tensor& x) const { return options.l2 * sum(square(x)); }

L1L2::L1L2(L1L2Options o) : options(o) {
    require_strength("L1L2", "l1", o.l1);
    require_strength("L1L2", "l2", o.l2);
}
Tensor L1L2::operator()(const Tensor& x) const {
    Tensor total = zeros({}, x.dtype());
    if (options.l1 > 0) total = total + options.l1 * sum(abs(x));
    if (options.l2 > 0) total = total + options.l2 * sum(square(x));
    return total;
}

OrthogonalRegularizer::OrthogonalRegularizer(OrthogonalRegularizerOptions o) : options(std::move(o)) {
    require_strength("OrthogonalRegularizer", "factor", options.factor);
    require<std::invalid_argument>(options.mode == "rows" || options.mode == "columns",
                                   "OrthogonalRegularizer: expected mode rows or columns, got {}", options.mode);
}
Tensor OrthogonalRegularizer::operator()(const Tensor& x) const {
    require(x.rank() == 2, "OrthogonalRegularizer: expected a matrix, got shape {}", x.shape());
    constexpr double least = 1e-7;  // squared length of a row that is all zeros
    const bool rows = options.mode == "rows";
    const auto size = x.shape()[rows ? 0 : 1];
    if (size < 2) return zeros({}, x.dtype());
    const Tensor unit = x / sqrt(maximum(sum(square(x), rows ? 1 : 0, {.keepdims = true}), least));
    const Tensor cosines = matmul(unit, unit, {.transpose_a = !rows, .transpose_b = rows});
    const Tensor others = cosines * (1 - eye(size, -1, x.dtype()));
    return sum(abs(others)) * (options.factor / double(size * (size - 1)));
}

template <class F> void fields(L1Options& o, F&& field) { field("l1", o.l1); }
template <class F> void fields(L2Options& o, F&& field) { field("l2", o.l2); }
template <class F> void fields(L1L2Options& o, F&& field) {
    field("l1", o.l1);
    field("l2", o.l2);
}
template <class F> void fields(OrthogonalRegularizerOptions& o, F&& field) {
    field("factor", o.factor);
    field("mode", o.mode);
}

template <> const Table<Regularizer>& table<Regularizer>() {
    using R = Regularizer;
    static const Table<R> entries{
        entry<L1, R, L1Options>("L1"), entry<L2, R, L2Options>("L2"), entry<L1L2, R, L1L2Options>("L1L2", {"l1_l2"}),
        entry<OrthogonalRegularizer, R, OrthogonalRegularizerOptions>("OrthogonalRegularizer")};
    return entries;
}
template <> Box<Regularizer> make<Regularizer>(const char* name, const Config* config) {
    return from_table<Regularizer>("regularizer", name, config);
}

}  // namespace xg
