#include "loader.h"
#include <algorithm>
#include "../autograd/node.h"
#include "../autograd/ops/layout.h"
#include "../tensor/random.h"

namespace xg {

namespace {
void check_lengths(const Tensor& x, const Tensor& y) {
    require(x.defined() && y.defined(), "DataLoader: expected x and y, got neither or one");
    require(x.rank() > 0 && y.rank() > 0 && x.shape()[0] == y.shape()[0],
            "DataLoader: expected x and y of equal length, got {} and {}", x.shape(), y.shape());
}
void check_lengths(const Tensors& xs, const Tensor& y) {
    require<std::invalid_argument>(!xs.empty(), "DataLoader: expected at least one input, got none");
    for (const Tensor& x : xs) check_lengths(x, y);
}
void check_lengths(const Tensors& xs, const Tensors& ys) {
    require<std::invalid_argument>(!ys.empty(), "DataLoader: expected at least one target, got none");
    for (const Tensor& y : ys) check_lengths(xs, y);
}
}  // namespace

template <class X, class Y> Loader<X, Y>::Loader(Examples<X, Y> data, LoaderOptions options)
    : data_(std::move(data)), options_(options) {
    require<std::invalid_argument>(options.batch_size > 0, "DataLoader: expected batch_size > 0, got {}",
                                   options.batch_size);
    check_lengths(data_.x, data_.y);
}
template <class X, class Y> std::int64_t Loader<X, Y>::batches() const {
    return (data_.size() + (options_.drop_remainder ? 0 : options_.batch_size - 1)) / options_.batch_size;
}

template <class X, class Y> Loader<X, Y>::iterator::iterator(const Loader& loader, std::int64_t epoch)
    : loader_(&loader) {
    if (loader.options_.shuffle)
        order_ = permutation(RandomKey{loader.options_.seed, std::uint64_t(epoch)}, loader.data_.size());
}
template <class X, class Y> Examples<X, Y> Loader<X, Y>::iterator::operator*() const {
    const auto& d = loader_->data_;
    const auto first = batch_ * loader_->options_.batch_size,
               last = std::min(d.size(), first + loader_->options_.batch_size);
    if (!order_.defined()) return {detail::rows(d.x, first, last), detail::rows(d.y, first, last)};
    const Tensor index = slice(order_, first, last);
    return {detail::rows(d.x, index), detail::rows(d.y, index)};
}

template class Loader<Tensor>;
template class Loader<Tensors>;
template class Loader<Tensors, Tensors>;

}  // namespace xg
