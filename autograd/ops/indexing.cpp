#include "indexing.h"
#include <cstring>
#include "../../tensor/create.h"
#include "../../tensor/kernels/copy.h"
#include "../../tensor/kernels/plain.h"
#include "../../tensor/parallel.h"
#include "../record.h"
#include "arithmetic.h"
#include "layout.h"
#include "reduction.h"

namespace xg {

Tensor detail::positions(const Tensor& indices, std::int64_t n, const char* op) {
    require(!is_float(indices.dtype()) && indices.dtype() != boolean, "{}: expected integer indices, got {}", op,
            name_of(indices.dtype()));
    if (is_batched(indices))
        return batched(indices, [&](const Tensor& examples) { return positions(examples, n, op); });
    Tensor at = indices.detach().to(i64).copy();
    for (std::int64_t& i : std::span(at.raw<std::int64_t>(), std::size_t(at.numel()))) {
        require(-n <= i && i < n, "{}: expected indices in [-{}, {}), got {}", op, n, n, i);
        if (i < 0) i += n;
    }
    return at;
}

namespace {
Shape row_shape(const Shape& shape) { return Shape(shape.begin() + 1, shape.end()); }

/// Rows of x in the order of `at`, whole rows at a time.
Tensor take_rows(const Tensor& x, const Tensor& at) {
    const Shape row = row_shape(x.shape());
    Tensor y = Tensor::empty(joined(at.shape(), row), x.dtype());
    const auto bytes = row.numel() * std::int64_t(size_of(x.dtype()));
    const auto* index = at.raw<std::int64_t>();
    const std::byte* from = x.impl()->data;
    std::byte* to = y.impl()->data;
    parallel(at.numel(), 2 + 0.05 * double(bytes), [&](std::int64_t first, std::int64_t last) {
        for (auto i = first; i < last; ++i) std::memcpy(to + i * bytes, from + index[i] * bytes, std::size_t(bytes));
    });
    return record("take", std::move(y),
                  wrt(x, [at, shape = x.shape()](const Tensor& dy) { return scatter_add(dy, at, shape); }));
}
/// In a table of n examples of `rows` rows each, where the rows are that `at` (n, ...) names in each example.
Tensor rows_of_examples(const Tensor& at, std::int64_t rows) {
    Shape first{at.shape()[0]};
    for (int a = 1; a < at.rank(); ++a) first.push_back(1);
    return at + reshape(arange(at.shape()[0]) * rows, first);
}
/// take of rows inside a vmap.
Tensor take_examples(const Tensor& x, const Tensor& at, int level) {
    if (detail::level_of(x) < level)  // the same table for all
        return detail::one_example(take(x, detail::all_examples(at)), level);
    if (detail::level_of(at) < level) return detail::one_example(take(detail::all_examples(x), at, 1), level);
    const auto rows = x.shape()[0];
    const Shape table = joined({detail::all_examples(x).shape()[0] * rows}, row_shape(x.shape()));
    return detail::one_example(
        take(reshape(detail::all_examples(x), table), rows_of_examples(detail::all_examples(at), rows)), level);
}
}  // namespace

Tensor take(const Tensor& x, const Tensor& indices, int axis) {
    require(x.rank() > 0, "take: expected at least one axis, got shape ()");
    const int along = normalize_axis(axis, x.rank(), "take");
    const Tensor at = detail::positions(indices, x.shape()[along], "take");
    if (along == 0) {
        const int level = detail::level_of(x, at);
        return level ? take_examples(x, at, level) : take_rows(x, at);
    }
    // (n, before, after) -> (indices, before, after) -> (before, indices, after)
    const Tensor y = take(moveaxis(x, along, 0), at);
    int order[max_rank], next = 0;
    for (int a = 0; a < along; ++a) order[next++] = at.rank() + a;
    for (int a = 0; a < at.rank(); ++a) order[next++] = a;
    for (int a = at.rank() + along; a < y.rank(); ++a) order[next++] = a;
    return detail::permute(y, order);
}

Tensor scatter_add(const Tensor& updates, const Tensor& indices, const Shape& shape) {
    require(shape.rank() > 0 && joined(indices.shape(), row_shape(shape)) == updates.shape(),
            "scatter_add: expected updates of the indices' shape and a row's, got updates {}, indices {} and shape {}",
            updates.shape(), indices.shape(), shape);
    const Tensor at = detail::positions(indices, shape[0], "scatter_add");
    if (const int level = detail::level_of(updates, at)) {
        const Tensor all_at = detail::for_every_example(at, level);
        const auto n = all_at.shape()[0];
        const Shape table = joined({n * shape[0]}, row_shape(shape));
        return detail::one_example(
            reshape(scatter_add(detail::for_every_example(updates, level), rows_of_examples(all_at, shape[0]), table),
                    detail::behind(n, shape)),
            level);
    }
    Tensor y = zeros(shape, updates.dtype());
    const auto row = row_shape(shape).numel();
    dispatch(updates.dtype(), [&]<class T> {
        // Columns are shared out, never rows: repeated rows are summed in one order.
        parallel(row, 2.0 * double(at.numel()), [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t i = 0; i < at.numel(); ++i) {
                const T* from = updates.raw<T>() + i * row;
                T* to = y.raw<T>() + at.raw<std::int64_t>()[i] * row;
                for (auto c = first; c < last; ++c) to[c] = T(to[c] + from[c]);
            }
        });
    });
    return record("scatter_add", std::move(y), wrt(updates, [at](const Tensor& dy) { return take(dy, at); }));
}

Tensor take_along_axis(const Tensor& x, const Tensor& indices, int axis) {
    require(x.rank() > 0 && x.rank() == indices.rank(), "take_along_axis: expected indices of rank {}, got {}",
            x.rank(), indices.shape());
    const int along = normalize_axis(axis, x.rank(), "take_along_axis");
    for (int a = 0; a < x.rank(); ++a)
        require(a == along || x.shape()[a] == indices.shape()[a],
                "take_along_axis: expected the same extents but along axis {}, got {} and {}", along, x.shape(),
                indices.shape());
    if (const int level = detail::level_of(x, indices))
        return detail::one_example(
            take_along_axis(detail::for_every_example(x, level), detail::for_every_example(indices, level), along + 1),
            level);
    const Tensor at = detail::positions(indices, x.shape()[along], "take_along_axis");
    std::int64_t inner = 1;
    for (int a = along + 1; a < x.rank(); ++a) inner *= x.shape()[a];
    // As positions in the flattened tensor, it is one take.
    Tensor flat = Tensor::empty(at.shape(), i64);
    const auto n = x.shape()[along], k = at.shape()[along];
    for (std::int64_t i = 0; i < flat.numel(); ++i)
        flat.raw<std::int64_t>()[i] = (i / (k * inner) * n + at.raw<std::int64_t>()[i]) * inner + i % inner;
    return take(reshape(x, {-1}), flat);
}

Tensor one_hot(const Tensor& labels, std::int64_t classes, DType dtype) {
    if (detail::is_batched(labels))
        return detail::batched(labels, [&](const Tensor& examples) { return one_hot(examples, classes, dtype); });
    const Tensor at = labels.detach().to(i64), given = labels.detach().to(f64);
    Tensor y = zeros(joined(labels.shape(), {classes}), dtype);
    for (std::int64_t r = 0; r < at.numel(); ++r) {
        const auto label = at.raw<std::int64_t>()[r];
        require<std::invalid_argument>(given.raw<double>()[r] == double(label),
                                       "one_hot: expected whole numbers as labels, got {} in row {}",
                                       given.raw<double>()[r], r);
        require(0 <= label && label < classes, "one_hot: expected labels in [0, {}), got {} in row {}", classes, label,
                r);
    }
    dispatch(dtype, [&]<class T> {
        for (std::int64_t r = 0; r < at.numel(); ++r) y.raw<T>()[r * classes + at.raw<std::int64_t>()[r]] = T(1);
    });
    return y;
}

Tensors nonzero(const Tensor& x) {
    const Tensor is = x.detach() != 0;
    if (detail::is_batched(is)) detail::no_batch_rule("nonzero");  // as many as there are: another shape each
    std::vector<std::vector<std::int64_t>> at(std::size_t(x.rank()));
    for (std::int64_t i = 0; i < is.numel(); ++i) {
        if (!is.raw<bool>()[i]) continue;
        auto rest = i;
        for (int a = x.rank() - 1; a >= 0; --a) {
            at[std::size_t(a)].push_back(rest % x.shape()[a]);
            rest /= x.shape()[a];
        }
    }
    Tensors found;
    for (auto& axis : at) found.push_back(Tensor::of<std::int64_t>({axis.size()}, axis));
    return found;
}
Tensor argwhere(const Tensor& x) {
    require(x.rank() > 0, "argwhere: expected at least one axis, got shape ()");
    return stack(nonzero(x), 1);
}

}  // namespace xg
