#pragma once
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include "error.h"

namespace xg {

inline constexpr int max_rank = 8;

/// The number of entries along each axis: up to eight, stored inline. Prints as `(2, 3)`, `(3,)`, `()`.
class Shape {
public:
    /// One entry of a brace list: any integer type, so that `{v.size(), 3}` is no narrowing.
    struct Extent {
        template <std::integral I> constexpr Extent(I n) : value(std::int64_t(n)) {}
        std::int64_t value;
    };

    Shape() = default;
    Shape(std::initializer_list<Extent> extents) {
        for (auto e : extents) push_back(e.value);
    }
    template <std::input_iterator I> Shape(I first, I last) {
        for (; first != last; ++first) push_back(std::int64_t(*first));
    }

    int rank() const { return rank_; }
    std::int64_t operator[](int axis) const { return extents_[axis]; }
    std::int64_t& operator[](int axis) { return extents_[axis]; }
    std::int64_t back() const { return extents_[rank_ - 1]; }
    std::int64_t& back() { return extents_[rank_ - 1]; }
    const std::int64_t* begin() const { return extents_; }
    const std::int64_t* end() const { return extents_ + rank_; }
    /// Throws if there are eight already.
    void push_back(std::int64_t extent) {
        require(rank_ < max_rank, "shape: expected at most {} axes, got more", max_rank);
        extents_[rank_++] = extent;
    }
    /// The product of all extents, 1 for `()`; unchecked, see checked_numel.
    std::int64_t numel() const {
        std::int64_t n = 1;
        for (auto e : *this) n *= e;
        return n;
    }
    friend bool operator==(const Shape& a, const Shape& b) {
        if (&a == &b) return true;
        if (a.rank_ != b.rank_) return false;
        for (int i = 0; i < a.rank_; ++i)
            if (a.extents_[i] != b.extents_[i]) return false;
        return true;
    }

private:
    std::int64_t extents_[max_rank] = {};
    int rank_ = 0;
};

/// The number of elements; throws if an extent is negative or the bytes do not fit in 63 bits.
std::int64_t checked_numel(const Shape& shape, const char* op);
/// The shape of `a op b` under NumPy's rule.
Shape broadcast(const Shape& a, const Shape& b, const char* op);
/// The extents of a, then those of b.
Shape joined(const Shape& a, const Shape& b);
/// 0 <= axis < rank, counted from the end if negative; throws otherwise.
int normalize_axis(int axis, int rank, const char* op);

}  // namespace xg

template <> struct fmt::formatter<xg::Shape> {
    constexpr auto parse(fmt::format_parse_context& context) { return context.begin(); }
    fmt::format_context::iterator format(const xg::Shape& shape, fmt::format_context& context) const;
};
