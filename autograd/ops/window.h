#pragma once
// What convolutions and pooling share: windows that walk over one to three spatial axes.
#include <functional>
#include <string>
#include "../../tensor/kernels/window.h"
#include "../../tensor/tensor.h"

namespace xg {

/// One number for every spatial axis, or one for each: `3`, `{3, 5}`.
class PerAxis {
public:
    PerAxis() = default;
    PerAxis(std::int64_t same) : values_{same} {}
    PerAxis(std::initializer_list<std::int64_t> each) : values_(each.begin(), each.end()) {}
    explicit PerAxis(const Shape& each) : values_(each) {}

    std::int64_t operator[](int axis) const { return values_[values_.rank() == 1 ? 0 : axis]; }
    bool given() const { return values_.rank() > 0; }
    /// The numbers as given.
    const Shape& values() const { return values_; }
    /// One for each of `count` axes.
    Shape for_axes(int count) const {
        Shape each;
        for (int a = 0; a < count; ++a) each.push_back((*this)[a]);
        return each;
    }
    bool all_equal(std::int64_t n) const {
        return std::all_of(values_.begin(), values_.end(), [n](std::int64_t v) { return v == n; });
    }

private:
    Shape values_;
};

namespace detail {
/// Throws unless there is one number or one an axis, none below `least`.
void expect_per_axis(const char* op, const char* what, const PerAxis& numbers, int rank, std::int64_t least = 1);
/// In small letters; throws unless it is valid, same or, where that makes sense, causal.
std::string padding_named(const char* op, const std::string& padding, bool causal);
/// The windows over an axis of extent `in`, padded as Keras does: "valid" not at all; "same" so that the output has
/// ceil(in / stride) entries, the odd one of the padding behind; "causal" only in front. Throws if none fits.
kernel::Window window(const char* op, std::int64_t in, std::int64_t taps, std::int64_t stride, std::int64_t dilation,
                      const std::string& padding);
/// Throws unless x is (batch, one to three spatial axes, channels).
void expect_images(const char* op, const Tensor& x);
/// f of all examples of x with the batch axis of each put into one; what comes back is taken apart again.
Tensor folded(const Tensor& x, const std::function<Tensor(const Tensor& images)>& f);
}  // namespace detail

}  // namespace xg
