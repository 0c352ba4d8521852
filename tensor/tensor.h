#pragma once
#include <span>
#include <vector>
#include "dtype.h"
#include "pool.h"
#include "ref.h"
#include "shape.h"

namespace xg {

/// What computed a tensor, as far as tensors need to know it; autograd/node.h has the rest.
struct GraphNode {
    RefCount refs;
};
void destroy(GraphNode*);

/// A shape and the number of its elements, checked once. Results of an operand's shape share it: then comparing shapes
/// is comparing addresses.
struct ShapeBody {
    RefCount refs;
    Shape shape;
    std::int64_t numel;
};
void destroy(ShapeBody*);
class SharedShape {
public:
    /// Throws if an extent is negative or the bytes do not fit in 63 bits.
    explicit SharedShape(const Shape& shape);
    operator const Shape&() const { return body_->shape; }
    std::int64_t numel() const { return body_->numel; }

private:
    Ref<ShapeBody> body_;
};

/// A pooled buffer: this header, then the data. Padded, so that a kernel may touch one whole vector past the end.
struct alignas(64) Storage {
    RefCount refs;
    std::atomic<std::uint32_t> version{0};  // changes in place so far
    const char* changed_by = "";            // the operation that made the last one
    pool::SizeClass block;
    bool behind_tensor = false;          // one block with the tensor it was made for, which lies in front
    std::atomic<std::uint8_t> alive{2};  // of the two
    std::byte* data() { return reinterpret_cast<std::byte*>(this + 1); }
};
void destroy(Storage*);

struct TensorImpl;
void destroy(TensorImpl*);
/// One cache line: every operation makes one.
struct TensorImpl {
    RefCount refs;
    DType dtype;
    bool from_softmax = false;  // its logarithm is as good as logits: losses need not cut it
    std::uint8_t level = 0;     // of the vmap inside which this stands for one example; it then has no data of its own
    bool before_storage = false;  // one block with the storage it was made with, which lies behind
    SharedShape shape;
    std::int64_t numel;
    std::byte* data;
    Ref<Storage> storage;
    Ref<GraphNode> node;     // what computed it; a leaf's gradient accumulator; empty if no gradient is wanted
    Ref<TensorImpl> beside;  // inside a vmap: all examples, (n, shape...); else the mask: which steps are real
};

static_assert(sizeof(void*) < 8 || sizeof(TensorImpl) == 64);

struct Index;
class Indexed;

/// Thrown inside a vmap by what can only be done example by example; vmap itself catches it.
struct NoBatchRule {
    const char* op;
};
namespace detail {
[[noreturn]] void no_batch_rule(const char* op);
}

/// An array of numbers. One pointer: copies share the values. Always a row-major contiguous window into its storage.
class Tensor {
public:
    Tensor() = default;
    explicit Tensor(Ref<TensorImpl> impl) : impl_(std::move(impl)) {}

    /// Values not set. Throws if an extent is negative.
    static Tensor empty(const Shape& shape, DType dtype = f32) { return sharing(SharedShape(shape), dtype); }
    /// The same, of a shape that others have.
    static Tensor sharing(SharedShape shape, DType dtype);
    /// Throws unless there are as many values as the shape holds.
    template <Element T> static Tensor of(const Shape& shape, std::span<const T> values);

    bool defined() const { return bool(impl_); }
    const Shape& shape() const { return impl_->shape; }
    int rank() const { return shape().rank(); }
    DType dtype() const { return impl_->dtype; }
    std::int64_t numel() const { return impl_->numel; }

    /// The value of a tensor with one element; throws if there are more or none.
    template <Number T = double> T item() const;
    /// The values, to read; throws unless T is the dtype. Valid as long as the tensor lives.
    template <Element T> std::span<const T> data() const& {
        expect_dtype(dtype_of<T>, "data");
        return {raw<T>(), std::size_t(numel())};
    }
    template <Element T> std::span<const T> data() const&& = delete;  // the values would be gone before they are read
    /// The values, to write: counts as a change in place.
    template <Element T> std::span<T> mutable_data(const char* op = "mutable_data") {
        expect_dtype(dtype_of<T>, op);
        bump_version(op);
        return {raw<T>(), std::size_t(numel())};
    }
    /// The address of the values, unchecked: for kernels.
    template <class T> T* raw() const {
        if (!impl_->data) [[unlikely]]
            detail::no_batch_rule("reading values");
        return reinterpret_cast<T*>(impl_->data);
    }
    /// An xtensor adaptor over the same memory, to read or to write; <xgrad_xtensor.h>.
    template <Element T> auto view() const;
    template <Element T> auto mutable_view();

    /// Row i along the first axis, a view; assignment to it writes here: `a[0] = 1`, `a[0] += 1`.
    Indexed operator[](std::int64_t i) const;
    /// NumPy indexing, one Index an axis; assignment to the result writes here: `a(Slice(0, 2), all) = 0`.
    template <std::convertible_to<Index>... I> Indexed operator()(const I&... indices) const;

    [[nodiscard]] bool requires_grad() const { return bool(impl_->node); }
    /// Makes this tensor a leaf whose gradient is wanted. Returns the same tensor: `Tensor x =
    /// randn({3}).require_grad();`
    Tensor require_grad(bool on = true) const;
    /// What backward() has added up for this leaf; undefined if nothing yet.
    Tensor grad() const;
    void zero_grad() const;
    /// Adds the gradient of this scalar to every leaf it was computed from.
    void backward() const;

    /// Which steps count, (batch, steps), true = real. It stays on this tensor; modules hand it on, operations do not.
    Tensor mask() const { return impl_->level ? Tensor() : Tensor(impl_->beside); }
    void set_mask(const Tensor& m) const {
        if (impl_->level) detail::no_batch_rule("set_mask");
        impl_->beside = m.impl_;
    }

    /// The same values as another dtype; differentiable between floating types.
    Tensor to(DType dtype) const;
    /// A new tensor with the same values; differentiable.
    Tensor copy() const;
    /// Writes x's values here, unrecorded; the tensor stays the same handle. Throws unless the shapes are equal.
    void assign(const Tensor& x, const char* op = "assign");
    /// The same values without their history.
    Tensor detach() const;
    /// An unrecorded view: `shape` laid over the values from element `offset` on; unchecked.
    Tensor window(const Shape& shape, std::int64_t offset) const { return window(SharedShape(shape), offset); }
    Tensor window(SharedShape shape, std::int64_t offset) const;

    std::uint32_t version() const { return impl_->storage->version.load(std::memory_order_relaxed); }
    /// To be called by whoever writes through raw().
    void bump_version(const char* op) const {
        impl_->storage->version.fetch_add(1, std::memory_order_relaxed);
        impl_->storage->changed_by = op;
    }
    TensorImpl* impl() const { return impl_.get(); }

private:
    void expect_dtype(DType wanted, const char* op) const {
        require(dtype() == wanted, "{}: expected dtype {}, got {}", op, name_of(wanted), name_of(dtype()));
    }
    double item_as_double() const;
    std::int64_t item_as_integer() const;

    Ref<TensorImpl> impl_;
};
using Tensors = std::vector<Tensor>;

template <Number T> T Tensor::item() const {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) return T(item_as_integer());
    else return T(item_as_double());
}

namespace detail {
void copy_bytes(Tensor& to, const void* from);
/// What stands for each entry along the first axis of `all` inside the vmap of that level.
Tensor one_example(const Tensor& all, int level);
/// The values from the storage's beginning on.
Tensor whole(const Ref<Storage>& storage, SharedShape shape, DType dtype);
/// x itself if it is of a floating type, else as float32.
inline Tensor as_float(const Tensor& x) { return is_float(x.dtype()) ? x : x.to(f32); }
}  // namespace detail
template <Element T> Tensor Tensor::of(const Shape& shape, std::span<const T> values) {
    require(checked_numel(shape, "tensor") == std::int64_t(values.size()),
            "tensor: expected {} values for shape {}, got {}", shape.numel(), shape, values.size());
    Tensor t = empty(shape, dtype_of<T>);
    detail::copy_bytes(t, values.data());
    return t;
}

}  // namespace xg
