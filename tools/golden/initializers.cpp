#include "case.h"

namespace xg::golden {

/// What a distribution promises, on a large draw.
void initializer(const Json& c, Comparison& compare) {
    const auto make_values = make_from<Initializer>(c);
    if (c.contains("outputs")) {
        const Tensor want = read_tensor(c["outputs"].items().front().second);
        return compare("y", (*make_values)(want.shape(), f64), want);
    }
    Shape shape{4000};
    if (c.contains("shape")) from(c["shape"], shape);
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
    const Json& p = c.at("parameters");
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

}  // namespace xg::golden
