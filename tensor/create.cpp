#include "create.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace xg {

namespace {
bool fits(Scalar value, DType dtype) {
    if (is_float(dtype) || dtype == boolean) return true;
    return dispatch_integer(dtype, "full", [&]<class T> {
        if (value.integral()) return std::int64_t(value.as<T>()) == value.as<std::int64_t>();
        const double whole = std::trunc(value.value());
        return double(std::numeric_limits<T>::min()) <= whole &&
               whole < std::ldexp(1.0, std::numeric_limits<T>::digits);
    });
}
void expect_fit(Scalar value, DType dtype, const char* op) {
    require<std::invalid_argument>(fits(value, dtype), "{}: expected a number that {} holds, got {}", op,
                                   name_of(dtype), value.value());
}
}  // namespace

Tensor full(const Shape& shape, Scalar value, DType dtype) {
    expect_fit(value, dtype, "full");
    Tensor t = Tensor::empty(shape, dtype);
    dispatch(dtype, [&]<class T> { std::fill_n(t.raw<T>(), t.numel(), value.as<T>()); });
    return t;
}
Tensor scalar_like(Scalar value, const Tensor& x) {
    const DType dtype = value.with(x.dtype());
    expect_fit(value, dtype, "arithmetic with a number");
    return full({}, value, dtype);
}
Tensor scalar_beside(Scalar value, const Tensor& x) {
    const DType dtype = value.with(x.dtype());
    return full({}, value, fits(value, dtype) ? dtype : i64);
}

Tensor arange(Scalar first, Scalar last, Scalar step) {
    const bool integral = first.integral() && last.integral() && step.integral();
    return arange(first, last, step, integral ? i64 : f32);
}
Tensor arange(Scalar first, Scalar last, Scalar step, DType dtype) {
    require<std::invalid_argument>(
        step.value() != 0 && std::isfinite(first.value()) && std::isfinite(last.value()) && !std::isnan(step.value()),
        "arange: expected finite ends and a step other than 0, got {}, {} and {}", first.value(), last.value(),
        step.value());
    const double count = std::max(0.0, std::ceil((last.value() - first.value()) / step.value()));
    Tensor t = Tensor::empty({std::int64_t(count)}, dtype);
    dispatch(dtype, [&]<class T> {
        for (std::int64_t i = 0; i < t.numel(); ++i)
            t.raw<T>()[i] = is_float(dtype) ? T(first.value() + double(i) * step.value())
                                            : T(first.as<std::int64_t>() + i * step.as<std::int64_t>());
    });
    return t;
}
Tensor linspace(double first, double last, std::int64_t count, DType dtype) {
    require<std::invalid_argument>(count >= 0, "linspace: expected count >= 0, got {}", count);
    Tensor t = Tensor::empty({count}, dtype);
    const double step = count > 1 ? (last - first) / double(count - 1) : 0;
    dispatch_float(dtype, "linspace", [&]<class T> {
        for (std::int64_t i = 0; i < count; ++i)
            t.raw<T>()[i] = i + 1 == count && count > 1 ? T(last) : T(first + double(i) * step);
    });
    return t;
}
Tensor eye(std::int64_t rows, std::int64_t columns, DType dtype) {
    if (columns < 0) columns = rows;
    Tensor t = zeros({rows, columns}, dtype);
    dispatch(dtype, [&]<class T> {
        for (std::int64_t i = 0; i < std::min(rows, columns); ++i) t.raw<T>()[i * columns + i] = T(1);
    });
    return t;
}

}  // namespace xg
