#include "shape.h"
#include "../../autograd/ops/layout.h"
#include "../config.h"

namespace xg {

template <class F> void fields(ReshapeOptions& o, F&& field) { field("target_shape", o.target_shape); }

Tensor Reshape::forward(const Tensor& x) {
    Shape shape{x.shape()[0]};
    for (auto e : options_.target_shape) shape.push_back(e);
    return reshape(x, shape);
}
void Reshape::describe(Config& config) const { write(config, options_); }
Reshape Reshape::from_config(const Config& config) {
    return Reshape(read<ReshapeOptions>("Reshape", config).target_shape);
}

template <class F> void fields(PermuteOptions& o, F&& field) { field("dims", o.dims); }

Permute::Permute(std::vector<int> dims) : options_{std::move(dims)} {
    auto sorted = options_.dims;
    std::ranges::sort(sorted);
    for (std::size_t i = 0; i < sorted.size(); ++i)
        require<std::invalid_argument>(sorted[i] == int(i) + 1 && sorted.size() < max_rank,
                                       "Permute: expected dims 1 to {} in some order, got {} among them", sorted.size(),
                                       sorted[i]);
}
Tensor Permute::forward(const Tensor& x) {
    require(x.rank() == int(options_.dims.size()) + 1, "expected {} axes behind the batch, got input {}",
            options_.dims.size(), x.shape());
    int order[max_rank] = {0};
    std::ranges::copy(options_.dims, order + 1);
    return detail::permute(x, order);
}
void Permute::describe(Config& config) const { write(config, options_); }
Permute Permute::from_config(const Config& config) { return Permute(read<PermuteOptions>("Permute", config).dims); }

template <class F> void fields(FlattenOptions& o, F&& field) { field("data_format", o.data_format); }

Flatten::Flatten(FlattenOptions options) : options_(std::move(options)) {
    const auto& format = options_.data_format;
    require<std::invalid_argument>(format == "channels_last" || format == "channels_first",
                                   "Flatten: expected data_format channels_last or channels_first, got \"{}\"", format);
}
Tensor Flatten::forward(const Tensor& x) {
    std::int64_t n = 1;
    for (int a = 1; a < x.rank(); ++a) n *= x.shape()[a];
    const bool moves = options_.data_format == "channels_first" && x.rank() > 2;
    return reshape(moves ? moveaxis(x, 1, -1) : x, {x.shape()[0], n});
}
void Flatten::describe(Config& config) const { write(config, options_); }
Flatten Flatten::from_config(const Config& config) { return Flatten(read<FlattenOptions>("Flatten", config)); }

}  // namespace xg
