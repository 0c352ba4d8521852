#include "window.h"
#include <cctype>
#include "../batch.h"
#include "layout.h"

namespace xg::detail {

void expect_per_axis(const char* op, const char* what, const PerAxis& numbers, int rank, std::int64_t least) {
    const int count = numbers.values().rank();
    require<std::invalid_argument>(count == 1 || count == rank, "{}: expected {} to be one number or {}, got {}", op,
                                   what, rank, numbers.values());
    for (const auto n : numbers.values())
        require<std::invalid_argument>(n >= least, "{}: expected {} >= {}, got {}", op, what, least, n);
}
std::string padding_named(const char* op, const std::string& padding, bool causal) {
    std::string name = padding;
    for (char& c : name) c = char(std::tolower(static_cast<unsigned char>(c)));
    require<std::invalid_argument>(name == "valid" || name == "same" || (causal && name == "causal"),
                                   "{}: expected padding {}, got \"{}\"", op,
                                   causal ? "valid, same or causal" : "valid or same", padding);
    return name;
}

kernel::Window window(const char* op, std::int64_t in, std::int64_t taps, std::int64_t stride, std::int64_t dilation,
                      const std::string& padding) {
    kernel::Window w{.in = in, .out = 0, .taps = taps, .stride = stride, .dilation = dilation};
    if (padding == "same") {
        w.out = (in + stride - 1) / stride;
        w.before = std::max<std::int64_t>((w.out - 1) * stride + w.reach() - in, 0) / 2;
        return w;
    }
    if (padding == "causal") w.before = w.reach() - 1;
    require(in + w.before >= w.reach(), "{}: expected at least {} entries along each axis for windows of {}, got {}",
            op, w.reach() - w.before, w.reach(), in);
    w.out = (in + w.before - w.reach()) / stride + 1;
    return w;
}

void expect_images(const char* op, const Tensor& x) {
    require(3 <= x.rank() && x.rank() <= 5, "{}: expected x (batch, one to three spatial axes, channels), got {}", op,
            x.shape());
}

Tensor folded(const Tensor& x, const std::function<Tensor(const Tensor& images)>& f) {
    return batched(x, [&](const Tensor& all) {
        const auto n = all.shape()[0], batch = all.shape()[1];
        Shape shape(all.shape().begin() + 1, all.shape().end());
        shape[0] = n * batch;
        const Tensor y = f(reshape(all, shape));
        Shape apart = y.shape();
        apart[0] = batch;
        return reshape(y, behind(n, apart));
    });
}

}  // namespace xg::detail
