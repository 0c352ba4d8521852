#include "loader.h"
#include "../autograd/node.h"
#include "../autograd/ops/indexing.h"
#include "../autograd/ops/layout.h"
#include "../tensor/random.h"

namespace xg {

DataLoader::DataLoader(Dataset data, LoaderOptions options) : data_(std::move(data)), options_(options) {
    require<std::invalid_argument>(options.batch_size > 0, "DataLoader: expected batch_size > 0, got {}",
                                   options.batch_size);
    require(data_.x.rank() > 0 && data_.y.rank() > 0 && data_.x.shape()[0] == data_.y.shape()[0],
            "DataLoader: expected x and y of equal length, got {} and {}", data_.x.shape(), data_.y.shape());
}
std::int64_t DataLoader::batches() const {
    return (data_.size() + (options_.drop_remainder ? 0 : options_.batch_size - 1)) / options_.batch_size;
}
DataLoader::Pass DataLoader::epoch(std::int64_t k) const { return {*this, k}; }

DataLoader::iterator::iterator(const DataLoader& loader, std::int64_t epoch) : loader_(&loader) {
    if (loader.options_.shuffle)
        order_ = permutation(RandomKey{loader.options_.seed, std::uint64_t(epoch)}, loader.data_.size());
}
Dataset DataLoader::iterator::operator*() const {
    const auto& d = loader_->data_;
    const auto first = batch_ * loader_->options_.batch_size,
               last = std::min(d.size(), first + loader_->options_.batch_size);
    if (!order_.defined()) return {slice(d.x, first, last), slice(d.y, first, last)};
    const Tensor index = slice(order_, first, last);
    return {take(d.x, index), take(d.y, index)};
}

}  // namespace xg
