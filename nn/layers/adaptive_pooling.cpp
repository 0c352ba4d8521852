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
    : options_(std::move(options)), kind_(kind), rank_(rank) {
    options_.output_size = output_size;
    detail::expect_channels_last(layer, options_.data_format);
    detail::expect_per_axis(layer, "output_size", output_size, rank);
}
Tensor AdaptivePooling::forward(const Tensor& x) {
    detail::expect_rank(x.shape(), rank_);
    return kind_ == Kind::max ? adaptive_max_pool(x, options_.output_size)
                              : adaptive_average_pool(x, options_.output_size);
}
void AdaptivePooling::describe(Config& config) const { write(config, options_); }
AdaptivePoolingOptions AdaptivePooling::read_options(const char* layer, const Config& config) {
    return read<AdaptivePoolingOptions>(layer, config);
}

}  // namespace xg
