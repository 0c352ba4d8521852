#pragma once
#include <concepts>
#include <initializer_list>
#include <optional>
#include <vector>
#include "tensor.h"

namespace xg {

inline constexpr std::nullopt_t none = std::nullopt;

/// Everything along an axis when indexing, every axis when reducing, and NumPy's all(x).
struct All {
    template <class T, class... More>
    requires std::derived_from<T, Tensor> Tensor operator()(const T& x, const More&... more) const;
};
inline constexpr All all;
struct Ellipsis {};
/// As many `all` as are missing.
inline constexpr Ellipsis ellipsis;
struct NewAxis {};
/// A new axis of extent 1.
inline constexpr NewAxis newaxis;

/// first, first + step, ... before last; negative positions count from the end, `none` is the end itself.
struct Slice {
    Slice(std::optional<std::int64_t> first_ = {}, std::optional<std::int64_t> last_ = {}, std::int64_t step_ = 1)
        : first(first_), last(last_), step(step_) {}
    std::optional<std::int64_t> first, last;
    std::int64_t step;
};

/// What stands between the parentheses of `a(...)` for one axis: an integer, Slice, all, ellipsis, newaxis, or a tensor
/// of integers or bools.
struct Index {
    enum class Kind : std::uint8_t { position, range, rest, fresh, picked };
    template <std::integral I> Index(I i) : kind(Kind::position), integer(std::int64_t(i)) {}
    Index(Slice s) : kind(Kind::range), slice(s) {}
    Index(All) : kind(Kind::range) {}
    Index(Ellipsis) : kind(Kind::rest) {}
    Index(NewAxis) : kind(Kind::fresh) {}
    Index(Tensor t) : kind(Kind::picked), tensor(std::move(t)) {}

    Kind kind;
    std::int64_t integer = 0;
    Slice slice;
    Tensor tensor;
};

/// What `a(...)` and `a[i]` give: a tensor; assigned to at once, it writes into `a`, broadcast and in a's dtype.
/// `a(...) += x` reads, adds and writes; it throws if the sum does not fit a's dtype.
class Indexed : public Tensor {
public:
    Indexed(Tensor values, Tensor base, std::vector<Index> indices)
        : Tensor(std::move(values)), base_(std::move(base)), indices_(std::move(indices)) {}
    Indexed(const Indexed&) = default;

    Indexed operator[](std::int64_t i) const { return within(Tensor::operator[](i)); }
    template <std::convertible_to<Index>... I> Indexed operator()(const I&... indices) const;

    void operator=(const Tensor& x) && { write(x, "index assignment"); }
    void operator=(const Indexed& x) && { write(x, "index assignment"); }
    void operator=(Scalar x) &&;
    template <class X> void operator+=(const X& x) && { update(*this + x, "+="); }
    template <class X> void operator-=(const X& x) && { update(*this - x, "-="); }
    template <class X> void operator*=(const X& x) && { update(*this * x, "*="); }
    template <class X> void operator/=(const X& x) && { update(*this / x, "/="); }

    // Once it has a name, it is a tensor as any other.
    void operator=(const Tensor& x) & { Tensor::operator=(x); }
    void operator=(const Indexed& x) & { Tensor::operator=(x); }

private:
    Indexed within(Indexed inner) const;
    void write(const Tensor& x, const char* op);
    void update(const Tensor& x, const char* op);

    Tensor base_;
    std::vector<Index> indices_;
    bool lost_ = false;  // the base is itself a copy that an index made: what is written there reaches nobody
};
namespace detail {
Indexed index(const Tensor& x, std::vector<Index> indices);
}
template <std::convertible_to<Index>... I> Indexed Tensor::operator()(const I&... indices) const {
    return detail::index(*this, {Index(indices)...});
}
template <std::convertible_to<Index>... I> Indexed Indexed::operator()(const I&... indices) const {
    return within(detail::index(*this, {Index(indices)...}));
}

/// The axes of a reduction: one, several in braces, or `all`.
class Axes {
public:
    Axes(All) : every_(true) {}
    Axes(int axis) : Axes({axis}) {}
    Axes(std::initializer_list<int> axes) : Axes(axes.begin(), axes.end()) {}
    template <std::input_iterator I> Axes(I first, I last) {
        for (; first != last; ++first) {
            require(count_ < max_rank, "axes: expected at most {}, got more", max_rank);
            axes_[count_++] = *first;
        }
    }
    /// Bit a is set for axis a; throws for an axis that is not there or is named twice.
    unsigned mask(int rank, const char* op) const;
    /// The axes whose bits are set.
    static Axes of(unsigned mask) {
        Axes axes{};
        for (int a = 0; a < max_rank; ++a)
            if (mask >> a & 1) axes.axes_[axes.count_++] = a;
        return axes;
    }

private:
    int axes_[max_rank] = {}, count_ = 0;
    bool every_ = false;
};
/// `shape` without the axes in `mask`, or with extent 1 there.
Shape reduced(const Shape& shape, unsigned mask, bool keepdims);

}  // namespace xg
