#include "upsampling.h"
#include <map>
#include <cmath>
#include <numbers>
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/linear_algebra.h"
#include "../../tensor/create.h"
#include "spatial.h"

namespace xg {

template <class F> void fields(UpSamplingOptions& o, F&& field) {
    field("size", o.size);
    field("data_format", o.data_format);
    field("interpolation", o.interpolation);
}
/// Keras' UpSampling1D and 3D know no other interpolation than nearest.
struct UpSamplingSize {
    PerAxis size;
    std::string data_format;
};
template <class F> void fields(UpSamplingSize& o, F&& field) {
    field("size", o.size);
    field("data_format", o.data_format);
}

namespace {
using Filter = double (*)(double distance);
double bilinear(double x) { return std::max(0.0, 1 - std::fabs(x)); }
/// Keys 1981 with a = -1/2.
double bicubic(double x) {
    x = std::fabs(x);
    return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}
template <int radius> double lanczos(double x) {
    if (x == 0) return 1;
    const double a = std::numbers::pi * x;
    return std::fabs(x) < radius ? radius * std::sin(a) * std::sin(a / radius) / (a * a) : 0;
}
const std::map<std::string, Filter>& filters() {
    static const std::map<std::string, Filter> known{
        {"bicubic", bicubic}, {"bilinear", bilinear}, {"lanczos3", lanczos<3>}, {"lanczos5", lanczos<5>}};
    return known;
}
/// (n * size, n): how much of each entry is in each of the new ones. What lies outside has no weight.
Tensor weights(std::int64_t n, std::int64_t size, Filter filter, DType dtype) {
    Tensor w = zeros({n * size, n}, f64);
    for (std::int64_t i = 0; i < n * size; ++i) {
        double* row = w.raw<double>() + i * n;
        double centre = (double(i) + 0.5) / double(size) - 0.5;
        // Keras on TensorFlow takes these weights from a table of 1024 steps.
        if (filter == bicubic) centre = std::nearbyint(centre * 1024) / 1024;
        double total = 0;
        for (std::int64_t j = 0; j < n; ++j) total += row[j] = filter(double(j) - centre);
        for (std::int64_t j = 0; j < n; ++j) row[j] /= total;
    }
    return w.to(dtype);
}
/// The axis of x (before, n, after) multiplied by w.
Tensor along(const Tensor& x, int axis, const Tensor& w) {
    Shape shape = x.shape();
    std::int64_t before = 1;
    for (int a = 0; a < axis; ++a) before *= shape[a];
    const auto n = shape[axis];
    const Tensor y = matmul(w, reshape(x, {before, n, before * n > 0 ? x.numel() / (before * n) : 0}));
    shape[axis] = w.shape()[0];
    return reshape(y, shape);
}
}  // namespace

UpSampling::UpSampling(int rank, const char* layer, PerAxis size, UpSamplingOptions options)
    : SpatialLayer(rank, layer, options.data_format), options_(std::move(options)) {
    options_.size = size;
    detail::expect_per_axis(layer, "size", size, rank);
    const std::string& how = options_.interpolation;
    require<std::invalid_argument>(how == "nearest" || (rank == 2 && filters().contains(how)),
                                   "{}: expected interpolation {}, got \"{}\"", layer,
                                   rank == 2 ? "nearest, bilinear, bicubic, lanczos3 or lanczos5" : "nearest", how);
}
Tensor UpSampling::apply(const Tensor& x) {
    const auto filter = filters().find(options_.interpolation);
    Tensor y = x;
    for (int a = 1; a <= rank_; ++a) {
        const auto size = options_.size[a - 1];
        if (filter == filters().end()) y = repeat(y, size, a);
        else y = along(y, a, weights(x.shape()[a], size, filter->second, is_float(x.dtype()) ? x.dtype() : f32));
    }
    return y;
}
void UpSampling::describe(Config& config) const {
    if (rank_ == 2) write(config, options_);
    else write(config, UpSamplingSize{options_.size, options_.data_format});
}
UpSamplingOptions UpSampling::read_options(const char* layer, const Config& config) {
    return read<UpSamplingOptions>(layer, config);
}

}  // namespace xg
