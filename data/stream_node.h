#pragma once
#include "stream.h"

namespace xg::detail {

inline constexpr std::int64_t unknown_size = -1, endless_size = -2;

/// A step of a stream's recipe; shared, never changed.
struct StreamNode {
    virtual ~StreamNode() = default;
    virtual std::unique_ptr<Cursor> start(std::uint64_t epoch) const = 0;
    /// Or unknown_size, endless_size.
    virtual std::int64_t size() const = 0;
};
using Recipe = std::shared_ptr<const StreamNode>;

/// f on each example of `inner`, by so many threads, up to `ahead` before they are asked for; the order stays. f gets
/// the example's position.
std::unique_ptr<Cursor> start_workers(std::unique_ptr<Cursor> inner,
                                      std::function<Tensors(const Tensors&, std::int64_t position)> f, int workers,
                                      int ahead);

}  // namespace xg::detail
