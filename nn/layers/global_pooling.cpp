#include "global_pooling.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/logic.h"
#include "../../autograd/ops/reduction.h"
#include "../config.h"

namespace xg {

template <class F> void fields(GlobalPoolingOptions& o, F&& field) {
    field("data_format", o.data_format);
    field("keepdims", o.keepdims);
}

GlobalPooling::GlobalPooling(Kind kind, int rank, const char* layer, GlobalPoolingOptions options)
    : SpatialLayer(rank, layer, options.data_format), options_(std::move(options)), kind_(kind) {}
Tensor GlobalPooling::apply(const Tensor& x) {
    const Axes axes = Axes::of((2u << rank_) - 2);
    const Reduction keep{.keepdims = options_.keepdims};
    if (kind_ == Kind::max) return max(x, axes, keep);
    if (rank_ > 1 || !x.mask().defined()) return mean(x, axes, keep);
    // Selected, not multiplied: a row without any step has no mean, but its gradient stays 0.
    const Tensor counts = expand_dims(x.mask(), -1);
    return sum(where(counts, x, 0), axes, keep) / sum(counts.to(is_float(x.dtype()) ? x.dtype() : f32), axes, keep);
}
void GlobalPooling::describe(Config& config) const { write(config, options_); }
GlobalPoolingOptions GlobalPooling::read_options(const char* layer, const Config& config) {
    return read<GlobalPoolingOptions>(layer, config);
}

}  // namespace xg
