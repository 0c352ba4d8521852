#include "pooling.h"
#include "../../autograd/ops/pooling.h"
#include "spatial.h"

namespace xg {

template <class F> void fields(PoolingOptions& o, F&& field) {
    field("pool_size", o.pool_size);
    field("strides", o.strides);
    field("padding", o.padding);
    field("data_format", o.data_format);
}

Pooling::Pooling(Kind kind, int rank, const char* layer, PerAxis pool_size, PoolingOptions options)
    : SpatialLayer(rank, layer, options.data_format), options_(std::move(options)), kind_(kind) {
    options_.pool_size = pool_size;
    detail::expect_per_axis(layer, "pool_size", pool_size, rank);
    if (options_.strides.given()) detail::expect_per_axis(layer, "strides", options_.strides, rank);
    options_.padding = detail::padding_named(layer, options_.padding, false);
}
Tensor Pooling::apply(const Tensor& x) {
    const PoolOptions o{options_.strides, options_.padding};
    return kind_ == Kind::max ? max_pool(x, options_.pool_size, o) : average_pool(x, options_.pool_size, o);
}
void Pooling::describe(Config& config) const { write(config, options_); }
PoolingOptions Pooling::read_options(const char* layer, const Config& config) {
    return read<PoolingOptions>(layer, config);
}

}  // namespace xg
