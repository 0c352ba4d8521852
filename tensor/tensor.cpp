#include "tensor.h"
#include <cstring>

namespace xg {

void destroy(ShapeBody* s) { pool::deallocate(s, sizeof(ShapeBody)); }
SharedShape::SharedShape(const Shape& shape) {
    const auto numel = checked_numel(shape, "empty");
    body_ = Ref<ShapeBody>::adopt(new (pool::allocate(sizeof(ShapeBody))) ShapeBody{{}, shape, numel});
}

namespace {
/// Up to so many bytes, a tensor and its storage are one block: a call less to the pool, and one stretch of memory.
constexpr std::size_t small = 2048;

Storage* storage_behind(TensorImpl* t) { return reinterpret_cast<Storage*>(t + 1); }
void free_both(TensorImpl* t) { pool::deallocate(t, storage_behind(t)->block); }
/// Whether the other one in the block is gone too.
bool last_of_block(Storage* s) { return s->alive.fetch_sub(1, std::memory_order_acq_rel) == 1; }

/// Over values that are there already.
TensorImpl* make_impl(SharedShape shape, DType dtype, Ref<Storage> storage, std::byte* data) {
    collect_returned();
    const auto numel = shape.numel();
    auto* impl = new (pool::allocate(sizeof(TensorImpl)))
        TensorImpl{{}, dtype, false, 0, false, std::move(shape), numel, data, std::move(storage), {}, {}};
    pool::lists.tensors.add(1);
    return impl;
}
Storage* make_storage(void* at, pool::SizeClass block, bool behind_tensor) {
    auto* storage = new (at) Storage;
    storage->block = block;
    storage->behind_tensor = behind_tensor;
    return storage;
}
}  // namespace

void destroy(Storage* s) {
    if (!s->behind_tensor) pool::deallocate(s, s->block);
    else if (last_of_block(s)) free_both(reinterpret_cast<TensorImpl*>(s) - 1);
}
namespace {
/// Of a tensor whose storage lives on, or has another owner by now: it may have been moved into a flat buffer.
[[gnu::noinline]] void destroy_apart(TensorImpl* t) {
    if (!t->before_storage) {
        t->~TensorImpl();
        return pool::deallocate(t, sizeof(TensorImpl));
    }
    t->~TensorImpl();
    if (last_of_block(storage_behind(t))) free_both(t);
}
}  // namespace
void destroy(TensorImpl* t) {
    pool::lists.tensors.add(-1);
    if (!t->before_storage || t->storage.get() != storage_behind(t)) return destroy_apart(t);
    Storage* const own = t->storage.give();
    if (!own->refs.drop(own, [](void* s) { destroy(static_cast<Storage*>(s)); })) return destroy_apart(t);
    t->~TensorImpl();
    free_both(t);
}

Tensor Tensor::sharing(SharedShape shape, DType dtype) {
    const auto numel = shape.numel();
    // 64 to 127 bytes of padding: one whole vector past the last element.
    const std::size_t bytes = sizeof(Storage) + (std::size_t(numel) * size_of(dtype) + 127) / 64 * 64;
    if (bytes > small) {
        const auto block = pool::size_class(bytes);
        auto storage = Ref<Storage>::adopt(make_storage(pool::allocate(block), block, false));
        std::byte* const data = storage->data();
        return Tensor(Ref<TensorImpl>::adopt(make_impl(std::move(shape), dtype, std::move(storage), data)));
    }
    collect_returned();
    const auto block = pool::size_class(sizeof(TensorImpl) + bytes);
    auto* const impl = static_cast<TensorImpl*>(pool::allocate(block));
    Storage* const storage = make_storage(storage_behind(impl), block, true);
    new (impl) TensorImpl{
        {}, dtype, false, 0, true, std::move(shape), numel, storage->data(), Ref<Storage>::adopt(storage), {}, {}};
    pool::lists.tensors.add(1);
    return Tensor(Ref<TensorImpl>::adopt(impl));
}
Tensor detail::whole(const Ref<Storage>& storage, SharedShape shape, DType dtype) {
    return Tensor(Ref<TensorImpl>::adopt(make_impl(std::move(shape), dtype, storage, storage->data())));
}

void detail::no_batch_rule(const char* op) { throw NoBatchRule{op}; }

Tensor detail::one_example(const Tensor& all, int level) {
    const Shape shape(all.shape().begin() + 1, all.shape().end());
    TensorImpl* impl = make_impl(SharedShape(shape), all.dtype(), all.impl()->storage, nullptr);
    impl->level = std::uint8_t(level);
    impl->from_softmax = all.impl()->from_softmax;
    impl->node = all.impl()->node;
    impl->beside = Ref<TensorImpl>::share(all.impl());
    return Tensor(Ref<TensorImpl>::adopt(impl));
}
Tensor Tensor::detach() const {
    if (impl_->level) return detail::one_example(Tensor(impl_->beside).detach(), impl_->level);
    return window(impl_->shape, 0);
}
Tensor Tensor::window(SharedShape shape, std::int64_t offset) const {
    if (impl_->level) detail::no_batch_rule("a view");
    std::byte* const data = impl_->data + offset * std::int64_t(size_of(dtype()));
    return Tensor(Ref<TensorImpl>::adopt(make_impl(std::move(shape), dtype(), impl_->storage, data)));
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
