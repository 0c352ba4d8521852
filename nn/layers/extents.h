#pragma once
#include <optional>
#include <vector>
#include "../../tensor/shape.h"

namespace xg {

/// A number each, or none for "as in the input": `4`, `{none, 4}`.
struct Extents {
    Extents() = default;
    template <std::integral I> Extents(I n) : list{std::int64_t(n)} {}
    Extents(std::initializer_list<std::optional<std::int64_t>> extents) : list(extents) {}
    /// With the input's where there is none, counted from the last axis; throws unless that broadcasts to the input.
    Shape broadcasting_to(const Shape& input) const;

    std::vector<std::optional<std::int64_t>> list;
};

}  // namespace xg
