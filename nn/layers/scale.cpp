#include "scale.h"
#include "../../autograd/node.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/elementwise.h"
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/reduction.h"
#include "../config.h"

namespace xg {

template <class F> void fields(RescalingOptions& o, F&& field) {
    field("scale", o.scale);
    field("offset", o.offset);
}

Rescaling::Rescaling(RescalingOptions options) : options_(std::move(options)) {
    require<std::invalid_argument>(!options_.scale.empty() && !options_.offset.empty(),
                                   "Rescaling: expected scale and offset, got an empty list");
}
Tensor Rescaling::forward(const Tensor& input) {
    const Tensor x = detail::as_float(input);
    const auto &scale = options_.scale, &offset = options_.offset;
    if (scale.size() == 1 && offset.size() == 1) return x * scale[0] + offset[0];
    const auto of_entries = [&](const std::vector<double>& numbers) {
        const auto n = std::int64_t(numbers.size());
        require(n == 1 || (x.rank() > 0 && n == x.shape().back()),
                "expected one number or one for each entry of the last axis, got {} and input {}", n, x.shape());
        return Tensor::of<double>({n}, numbers).to(x.dtype());
    };
    return x * of_entries(scale) + of_entries(offset);
}
void Rescaling::describe(Config& config) const { write(config, options_); }
Rescaling Rescaling::from_config(const Config& config) {
    return Rescaling(read<RescalingOptions>("Rescaling", config));
}

template <class F> void fields(NormalizationOptions& o, F&& field) {
    field("axis", o.axis);
    field("mean", o.mean);
    field("variance", o.variance);
    field("invert", o.invert);
}

Normalization::Normalization(NormalizationOptions options) : options_(std::move(options)) {
    require<std::invalid_argument>(options_.mean.size() == options_.variance.size(),
                                   "Normalization: expected mean and variance of one size, got {} and {}",
                                   options_.mean.size(), options_.variance.size());
}
/// The axes that keep statistics of their own.
unsigned Normalization::kept(int rank) const {
    return options_.axis ? Axes(options_.axis->begin(), options_.axis->end()).mask(rank, "Normalization") : 0;
}
void Normalization::build(const Shape& input) {
    const unsigned keep = kept(input.rank());
    Shape shape;
    for (int a = 0; a < input.rank(); ++a)
        if (keep >> a & 1) shape.push_back(input[a]);
    if (options_.mean.empty()) {
        mean_ = buffer("mean", Zeros()(shape, dtype()));
        variance_ = buffer("variance", Ones()(shape, dtype()));
        return;
    }
    const auto n = std::int64_t(options_.mean.size());
    require(n == 1 || (shape.rank() > 0 && (n == shape.back() || n == shape.numel())),
            "expected one mean or one for each of the entries {}, got {}", shape, n);
    const auto spread = [&](const std::vector<double>& numbers) {
        const Tensor t = Tensor::of<double>({n}, numbers);
        return n == shape.numel() ? reshape(t, shape) : broadcast_to(n == 1 ? reshape(t, {}) : t, shape);
    };
    mean_ = spread(options_.mean), variance_ = spread(options_.variance);
}
void Normalization::adapt(const Tensor& data) {
    require<std::logic_error>(options_.mean.empty(), "Normalization: expected adapt() without a given mean, got both");
    const NoGrad unrecorded;
    enter(detail::as_float(data), [&] {
        require(data.numel() > 0, "expected data to adapt to, got {}", data.shape());
        const unsigned others = ~kept(data.rank()) & ((1u << data.rank()) - 1);
        const Tensor wide = data.to(f64), m = mean(wide, Axes::of(others)), v = var(wide, Axes::of(others));
        require(m.shape() == mean_.shape(), "expected data with entries {} along the axes, got {}", mean_.shape(),
                data.shape());
        mean_.assign(m.to(mean_.dtype()), "adapt");
        variance_.assign(v.to(variance_.dtype()), "adapt");
    });
}
Tensor Normalization::forward(const Tensor& input) {
    const Tensor x = detail::as_float(input);
    const unsigned keep = kept(x.rank());
    Shape shape = x.shape(), own;
    for (int a = 0; a < x.rank(); ++a)
        if (keep >> a & 1) own.push_back(x.shape()[a]);
        else shape[a] = 1;
    require(own == mean_.shape(), "expected entries {} along the axes, got input {}", mean_.shape(), x.shape());
    const Tensor m = reshape(mean_.to(x.dtype()), shape),
                 deviation = maximum(sqrt(reshape(variance_.to(x.dtype()), shape)), 1e-7);
    return options_.invert ? m + x * deviation : (x - m) / deviation;
}
void Normalization::describe(Config& config) const { write(config, options_); }
Normalization Normalization::from_config(const Config& config) {
    return Normalization(read<NormalizationOptions>("Normalization", config));
}

}  // namespace xg
