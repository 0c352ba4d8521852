#include "fit_data.h"
#include <cmath>
#include <cstdio>
#include <set>
#include "../tensor/create.h"
#include "../tensor/finite.h"
#include "../tensor/parallel.h"
#include "../autograd/node.h"
#include "../tensor/kernels/reduce.h"
#include "../autograd/ops/arithmetic.h"
#include "../autograd/ops/indexing.h"
#include "../autograd/ops/layout.h"
#include "../autograd/ops/reduction.h"

namespace xg::detail {

namespace {
std::string name_in(const char* list, const Tensors& xs, std::size_t i) {
    return xs.size() == 1 ? list : fmt::format("{}[{}]", list, i);
}
/// The first row that holds NaN or infinity, -1 if none.
std::int64_t unfinite_row(const Tensor& t) {
    if (!is_float(t.dtype())) return -1;
    return dispatch_float(t.dtype(), "fit", [&]<class T> {
        const auto at = kernel::first_not_finite(t.raw<T>(), t.numel());
        return at < 0 ? at : at / (t.numel() / t.shape()[0]);
    });
}
/// Each row's class: the label itself, or where a one-hot row is largest.
Tensor labels_of(const Tensor& y) {
    return reshape(y.rank() > 1 && y.shape().back() > 1 ? argmax(y, -1) : y.to(i64), {-1});
}
std::set<std::int64_t> distinct(const Tensor& y) {
    const Tensor labels = y.to(i64);
    return {labels.raw<std::int64_t>(), labels.raw<std::int64_t>() + labels.numel()};
}
}  // namespace

FitData rows(const FitData& d, std::int64_t first, std::int64_t last) {
    return {rows(d.xs, first, last), rows(d.ys, first, last),
            d.weight.defined() ? slice(d.weight, first, last) : Tensor()};
}
FitData rows(const FitData& d, const Tensor& index) {
    return {rows(d.xs, index), rows(d.ys, index), d.weight.defined() ? take(d.weight, index) : Tensor()};
}

void check_lengths(const char* who, const FitData& d) {
    require<std::invalid_argument>(
        !d.xs.empty() && !d.ys.empty() && d.ys[0].defined() && d.ys[0].rank() > 0 && d.ys[0].shape()[0] > 0,
        "{}: expected at least one row, got none", who);
    const std::string first = name_in("y", d.ys, 0);
    const auto check = [&](const char* list, const Tensors& all) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            require<std::invalid_argument>(all[i].defined(), "{}: expected at least one row, got no {}", who,
                                           name_in(list, all, i));
            require(all[i].rank() > 0 && all[i].shape()[0] == d.size(),
                    "{}: expected {} and {} of equal length, got {} and {}", who, name_in(list, all, i), first,
                    all[i].shape(), d.ys[0].shape());
        }
    };
    check("x", d.xs);
    check("y", d.ys);
    if (d.weight.defined())
        require(d.weight.rank() > 0 && d.weight.shape()[0] == d.size(),
                "{}: expected one sample_weight a row, {}, got {}", who, d.size(), d.weight.shape());
}
void check_finite(const char* who, const FitData& d) {
    const auto check = [&](const std::string& name, const Tensor& t) {
        if (const auto row = unfinite_row(t); row >= 0)
            xg::fail<std::invalid_argument>("{}: expected finite numbers, got NaN or infinity in row {} of {}", who,
                                            row, name);
    };
    for (std::size_t i = 0; i < d.xs.size(); ++i) check(name_in("x", d.xs, i), d.xs[i]);
    for (std::size_t i = 0; i < d.ys.size(); ++i) check(name_in("y", d.ys, i), d.ys[i]);
    if (d.weight.defined()) check("sample_weight", d.weight);
}
void check_labels(const char* who, const FitData& d, const std::vector<std::int64_t>& classes) {
    for (std::size_t k = 0; k < classes.size(); ++k) {
        if (classes[k] == 0) continue;
        const Tensor labels = d.ys[k].to(i64);
        for (std::int64_t i = 0; i < labels.numel(); ++i) {
            const auto label = labels.raw<std::int64_t>()[i];
            require<std::invalid_argument>(0 <= label && label < classes[k],
                                           "{}: expected labels in [0, {}), got {} in row {}", who, classes[k], label,
                                           i / (labels.numel() / labels.shape()[0]));
        }
    }
}

std::pair<FitData, FitData> hold_out(const FitData& d, double share, ValidationRows which, std::uint64_t seed,
                                     bool quiet) {
    const auto n = d.size(), kept = std::int64_t(std::floor(double(n) * (1 - share)));
    require<std::invalid_argument>(0 < kept && kept < n,
                                   "fit: expected a validation_split that leaves rows on both sides, got {} of {} rows",
                                   share, n);
    if (which != ValidationRows::last) {
        const auto [train, test] = split(
            {arange(n), d.ys[0]},
            {.test = 1 - double(kept) / double(n), .seed = seed, .stratify = which == ValidationRows::stratified});
        require<std::invalid_argument>(
            train.size() > 0 && test.size() > 0,
            "fit: expected a validation_split that leaves rows on both sides, got {} of {} rows", share, n);
        return {rows(d, train.x), rows(d, test.x)};
    }
    std::pair parts{rows(d, 0, kept), rows(d, kept, n)};
    const DType type = d.ys[0].dtype();
    if (!quiet && !is_float(type) && type != boolean && distinct(parts.first.ys[0]) != distinct(parts.second.ys[0]))
        fmt::print(stderr,
                   "fit: the last rows hold other labels than the rest; consider .validation_rows = "
                   "ValidationRows::stratified\n");
    return parts;
}

FitData weigh_classes(const char* who, FitData d, const std::vector<std::pair<std::int64_t, double>>& class_weight) {
    if (class_weight.empty()) return d;
    require<std::invalid_argument>(d.ys.size() == 1, "{}: expected one output for class_weight, got {}", who,
                                   d.ys.size());
    const Tensor labels = labels_of(d.ys[0]);
    require(labels.numel() == d.size(), "{}: expected one label a row for class_weight, got y {}", who,
            d.ys[0].shape());
    Tensor by_class = ones({d.size()});
    for (auto& [label, weight] : class_weight) by_class = where(labels == label, weight, by_class);
    if (!d.weight.defined()) d.weight = by_class;
    else d.weight = d.weight * detail::beside(by_class, d.weight);  // which may be one a step: (rows, steps)
    return d;
}

}  // namespace xg::detail
