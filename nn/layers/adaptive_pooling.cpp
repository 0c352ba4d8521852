#include "adaptive_pooling.h"
#include "../../autograd/ops/pooling.h"
#include "spatial.h"

namespace xg {

template <class F> void fields(AdaptivePoolingOptions& o, F&& field) {
    field("output_size", o.output_size);
    field("data_format", o.data_format);
}

AdaptivePooling::AdaptivePooling(Kind kind, int rank, const char* layer, PerAxis output_size,
                                 AdaptivePoolingOptions options)
    : SpatialLayer(rank, layer, options.data_format), options_(std::move(options)), kind_(kind) {
    options_.output_size = output_size;
    detail::expect_per_axis(layer, "output_size", output_size, rank);
}
Tensor AdaptivePooling::apply(const Tensor& x) {
    return kind_ == Kind::max ? adaptive_max_pool(x, options_.output_size)
                              : adaptive_average_pool(x, options_.output_size);
}
void AdaptivePooling::describe(Config& config) const { write(config, options_); }
AdaptivePoolingOptions AdaptivePooling::read_options(const char* layer, const Config& config) {
    return read<AdaptivePoolingOptions>(layer, config);
}

}  // namespace xg
