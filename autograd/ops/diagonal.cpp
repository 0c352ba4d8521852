// Triangles and diagonals.
#include <algorithm>
#include <cstdlib>
#include "../../tensor/create.h"
#include "arithmetic.h"
#include "layout.h"
#include "reduction.h"
#include "strided.h"

namespace xg {

namespace {
/// Diagonals further out are as empty as the first that is.
std::int64_t within(std::int64_t k, std::int64_t rows, std::int64_t columns) { return std::clamp(k, -rows, columns); }
Tensor triangle(const char* op, const Tensor& x, std::int64_t k, bool lower) {
    require(x.rank() >= 2, "{}: expected at least two axes, got shape {}", op, x.shape());
    const auto rows = x.shape()[x.rank() - 2], columns = x.shape().back();
    const Tensor row = expand_dims(arange(rows), 1) + within(k, rows, columns), column = arange(columns);
    return where(lower ? column <= row : column >= row, x, 0);
}
}  // namespace
Tensor tril(const Tensor& x, std::int64_t k) { return triangle("tril", x, k, true); }
Tensor triu(const Tensor& x, std::int64_t k) { return triangle("triu", x, k, false); }

namespace {
/// Appends to the box diagonal k of rows x columns entries with these strides.
void append_diagonal(detail::Region& box, std::int64_t k, std::int64_t rows, std::int64_t columns, std::int64_t down,
                     std::int64_t across) {
    const auto first = k < 0 ? -k : 0, length = std::min(rows - first, columns - (first + k));
    box.axis(std::max<std::int64_t>(length, 0), down + across);
    if (length > 0) box.offset += first * down + (first + k) * across;
}
}  // namespace
Tensor diagonal(const Tensor& x, std::int64_t k, int rows, int columns) {
    require(x.rank() >= 2, "diagonal: expected at least two axes, got shape {}", x.shape());
    const int r = normalize_axis(rows, x.rank(), "diagonal"), c = normalize_axis(columns, x.rank(), "diagonal");
    require(r != c, "diagonal: expected different axes, got {} twice", rows);
    std::int64_t strides[max_rank], stride = 1;
    for (int a = x.rank() - 1; a >= 0; --a) {
        strides[a] = stride;
        stride *= x.shape()[a];
    }
    detail::Region box;
    for (int a = 0; a < x.rank(); ++a)
        if (a != r && a != c) box.axis(x.shape()[a], strides[a]);
    append_diagonal(box, within(k, x.shape()[r], x.shape()[c]), x.shape()[r], x.shape()[c], strides[r], strides[c]);
    return detail::read("diagonal", x, box);
}
Tensor trace(const Tensor& x, std::int64_t k, int rows, int columns) {
    require(x.rank() >= 2, "trace: expected at least two axes, got shape {}", x.shape());
    return sum(diagonal(x, k, rows, columns), -1);
}
Tensor diag(const Tensor& x, std::int64_t k) {
    require(x.rank() == 1 || x.rank() == 2, "diag: expected a vector or a matrix, got shape {}", x.shape());
    if (x.rank() == 2) return diagonal(x, k);
    require<std::invalid_argument>(-(1 << 30) < k && k < 1 << 30, "diag: expected a diagonal within 2^30, got {}", k);
    const auto n = x.numel() + std::abs(k);
    detail::Region box;
    append_diagonal(box, k, n, n, n, 1);
    return detail::place("diag", x, {n, n}, box);
}

}  // namespace xg
