#pragma once
#include <initializer_list>
#include "tensor.h"

namespace xg {

/// Throws if an integer dtype does not hold the value; fractions are cut off.
Tensor full(const Shape& shape, Scalar value, DType dtype = f32);
inline Tensor zeros(const Shape& shape, DType dtype = f32) { return full(shape, 0, dtype); }
inline Tensor ones(const Shape& shape, DType dtype = f32) { return full(shape, 1, dtype); }
inline Tensor zeros_like(const Tensor& x) { return zeros(x.shape(), x.dtype()); }
inline Tensor ones_like(const Tensor& x) { return ones(x.shape(), x.dtype()); }
/// A tensor of shape () with the number in the dtype of `x op number`; throws if that does not hold it.
Tensor scalar_like(Scalar value, const Tensor& x);
/// The same for comparisons: int64 where x's dtype does not hold the number.
Tensor scalar_beside(Scalar value, const Tensor& x);
/// first, first + step, ... below `last`: int64 if all three are integers, else float32.
Tensor arange(Scalar first, Scalar last, Scalar step = 1);
/// The same as `dtype`.
Tensor arange(Scalar first, Scalar last, Scalar step, DType dtype);
/// 0, 1, ..., last - 1.
inline Tensor arange(Scalar last) { return arange(0, last, 1); }
/// `count` evenly spaced numbers from first to last, both included.
Tensor linspace(double first, double last, std::int64_t count, DType dtype = f32);
/// Ones on the diagonal; rows x columns, square if columns is left out.
Tensor eye(std::int64_t rows, std::int64_t columns = -1, DType dtype = f32);

/// Braces within braces: `{{1, 2, 3}, {4, 5, 6}}`. Lives only as long as the braces, so take it by value and use it up.
template <Element T> class Nested {
public:
    template <Number N> Nested(N value) : value_(T(value)) {}
    Nested(std::initializer_list<Nested> rows) : size_(std::int64_t(rows.size())) { rows_ = rows.begin(); }

    void measure(Shape& shape) const {
        if (size_ < 0) return;
        shape.push_back(size_);
        if (size_ > 0) rows_[0].measure(shape);
    }
    void write(const Shape& shape, T*& out, int depth = 0) const {
        const std::int64_t expected = depth < shape.rank() ? shape[depth] : -1;
        require(size_ == expected, "tensor: expected nested rows of equal length, got {} after {}", size_, expected);
        if (size_ < 0) *out++ = value_;
        for (std::int64_t i = 0; i < size_; ++i) rows_[i].write(shape, out, depth + 1);
    }

private:
    T value_{};
    const Nested* rows_ = nullptr;
    std::int64_t size_ = -1;
};
/// `tensor({{1, 2}, {3, 4}})` is float32 (2, 2); `tensor<double>(...)`, `tensor<std::int64_t>(...)` for others.
template <Element T = float> Tensor tensor(Nested<T> values) {
    Shape shape;
    values.measure(shape);
    Tensor t = Tensor::empty(shape, dtype_of<T>);
    T* out = t.template raw<T>();
    values.write(shape, out);
    return t;
}

}  // namespace xg
