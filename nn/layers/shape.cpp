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

Tensor Flatten::forward(const Tensor& x) {
    std::int64_t n = 1;
    for (int a = 1; a < x.rank(); ++a) n *= x.shape()[a];
    return reshape(x, {x.shape()[0], n});
}

}  // namespace xg
