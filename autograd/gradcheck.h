#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>
#include "../tensor/tensor.h"
#include "function.h"

namespace xg {

struct GradcheckOptions {
    int order = 1;  // 2: the gradient's own gradient as well
    double rtol = 1e-6, atol = 1e-9;
    std::uint64_t seed = 0;  // of the random directions
};

/// The place where a rule and the numeric derivative are furthest apart.
struct GradcheckEntry {
    std::string input;        // its name, or "input 0"
    std::int64_t index = 0;   // of the element, row-major; -1: along a random direction
    std::int64_t output = 0;  // of the result's element; -1: a weighted sum of all
    double analytic = 0, numeric = 0;
    double absolute() const;
    double relative() const;
};
/// Where the function seems to bend: its slopes to both sides differ, and the rule gives one of them or one between.
struct GradcheckKink {
    GradcheckEntry at;
    double left, right;
};

struct GradcheckReport {
    bool ok = true;
    std::string message;  // what is wrong: one line
    GradcheckEntry worst;
    std::vector<GradcheckKink> kinks;
    int order = 1;             // of the derivative that `worst` is about
    std::int64_t entries = 0;  // compared
};
std::string to_string(const GradcheckReport& report);

using TensorFunction = std::function<Tensor(const std::vector<Tensor>&)>;
/// Compares the gradient of f at `inputs` (float64; others are constants) with Richardson's extrapolation of central
/// differences, whose own error estimate is allowed for: the whole Jacobian up to 16,384 entries, else signed random
/// directions and single entries, corners among them. Also: f computed twice gives the same bits and leaves its inputs
/// alone; so does the gradient, which is linear, has its input's dtype and shape, and agrees with forward mode. Random
/// numbers that f draws are drawn again each time.
GradcheckReport gradcheck(const TensorFunction& f, const std::vector<Tensor>& inputs, GradcheckOptions options = {},
                          const std::vector<std::string>& names = {});

namespace detail {
template <class F, std::size_t... i> constexpr bool takes_tensors(std::index_sequence<i...>) {
    return requires(const F& f, const Tensor* x) {
        { f(x[i]...) } -> std::convertible_to<Tensor>;
    };
}
}  // namespace detail
/// `gradcheck(f, {x, w})`: f takes as many tensors as are listed.
template <class F, std::size_t n>
requires(detail::takes_tensors<F>(std::make_index_sequence<n>())) GradcheckReport
    gradcheck(const F& f, const Tensor (&inputs)[n], GradcheckOptions options = {}) {
    const TensorFunction unpack = [&f](const std::vector<Tensor>& x) {
        return [&]<std::size_t... i>(std::index_sequence<i...>)->Tensor { return f(x[i]...); }
        (std::make_index_sequence<n>());
    };
    return gradcheck(unpack, std::vector<Tensor>(inputs, inputs + n), options);
}
/// `gradcheck(f, x)`: of one tensor; names of functions can be passed.
inline GradcheckReport gradcheck(const Function& f, const Tensor& x, GradcheckOptions options = {}) {
    return gradcheck([&](const std::vector<Tensor>& xs) { return f(xs[0]); }, std::vector<Tensor>{x}, options);
}

}  // namespace xg

template <> struct fmt::formatter<xg::GradcheckReport> {
    constexpr auto parse(fmt::format_parse_context& context) { return context.begin(); }
    auto format(const xg::GradcheckReport& report, fmt::format_context& context) const {
        return xg::detail::written(xg::to_string(report), context);
    }
};
