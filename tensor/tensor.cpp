#include "tensor.h"
#include <cstring>

namespace xg {

void destroy(Storage* s) {
    const auto block = s->block;
    s->~Storage();
    pool::deallocate(s, block);
}
void destroy(TensorImpl* t) {
    t->~TensorImpl();
    pool::lists.tensors.add(-1);
    pool::deallocate(t, sizeof(TensorImpl));
}

namespace {
TensorImpl* make_impl(const Shape& shape, std::int64_t numel, DType dtype) {
    collect_returned();
    auto* impl =
        new (pool::allocate(sizeof(TensorImpl))) TensorImpl{{}, dtype, false, 0, shape, numel, nullptr, {}, {}, {}};
    pool::lists.tensors.add(1);
    return impl;
}
}  // namespace

Tensor Tensor::empty(const Shape& shape, DType dtype) {
    Tensor t(Ref<TensorImpl>::adopt(make_impl(shape, checked_numel(shape, "empty"), dtype)));
    TensorImpl* impl = t.impl();
    // 64 to 127 bytes of padding: one whole vector past the last element.
    const std::size_t block = sizeof(Storage) + (std::size_t(impl->numel) * size_of(dtype) + 127) / 64 * 64;
    auto* storage = new (pool::allocate(block)) Storage;
    storage->block = block;
    impl->storage = Ref<Storage>::adopt(storage);
    impl->data = storage->data();
    return t;
}

void detail::no_batch_rule(const char* op) { throw NoBatchRule{op}; }

Tensor detail::one_example(const Tensor& all, int level) {
    const Shape shape(all.shape().begin() + 1, all.shape().end());
    TensorImpl* impl = make_impl(shape, shape.numel(), all.dtype());
    impl->level = std::uint8_t(level);
    impl->from_softmax = all.impl()->from_softmax;
    impl->storage = all.impl()->storage;
    impl->node = all.impl()->node;
    impl->beside = Ref<TensorImpl>::share(all.impl());
    return Tensor(Ref<TensorImpl>::adopt(impl));
}
Tensor Tensor::detach() const {
    if (impl_->level) return detail::one_example(Tensor(impl_->beside).detach(), impl_->level);
    return window(shape(), 0);
}
Tensor Tensor::window(const Shape& shape, std::int64_t offset) const {
    if (impl_->level) detail::no_batch_rule("a view");
    TensorImpl* impl = make_impl(shape, shape.numel(), dtype());
    impl->storage = impl_->storage;
    impl->data = impl_->data + offset * std::int64_t(size_of(dtype()));
    return Tensor(Ref<TensorImpl>::adopt(impl));
}

double Tensor::item_as_double() const {
    require(numel() == 1, "item: expected one element, got shape {}", shape());
    return dispatch(dtype(), [&]<class T> { return double(*raw<T>()); });
}
std::int64_t Tensor::item_as_integer() const {
    require(numel() == 1, "item: expected one element, got shape {}", shape());
    return dispatch(dtype(), [&]<class T> { return std::int64_t(*raw<T>()); });
}

void detail::copy_bytes(Tensor& to, const void* from) {
    if (to.numel()) std::memcpy(to.impl()->data, from, std::size_t(to.numel()) * size_of(to.dtype()));
}

}  // namespace xg
