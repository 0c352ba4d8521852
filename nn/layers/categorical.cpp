#include "categorical.h"
#include <algorithm>
#include <fmt/format.h>
#include <cmath>
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/indexing.h"
#include "../../autograd/ops/layout.h"
#include "../config.h"

namespace xg {

void detail::require_output_mode(const char* layer, const std::string& mode, const std::vector<std::string>& known) {
    require<std::invalid_argument>(std::ranges::find(known, mode) != known.end(), "{}: expected output_mode {}, got {}",
                                   layer, listed(known), mode);
}
Tensor detail::encode(const Tensor& indices, const std::string& mode, std::int64_t depth, const Tensor& weights) {
    if (mode == "int") return indices;
    const Tensor which = (indices.rank() == 0 ? reshape(indices, {1}) : indices).to(i64);
    const int rank = which.rank();
    const auto* category = which.raw<std::int64_t>();
    if (mode == "one_hot") {
        Shape shape = which.shape();
        if (rank > 1 && shape.back() == 1) shape.back() = depth;
        else shape.push_back(depth);
        Tensor y = zeros(shape);
        for (std::int64_t i = 0; i < which.numel(); ++i)
            if (category[i] >= 0) y.raw<float>()[i * depth + category[i]] = 1;
        return y;
    }
    // (outer, samples, inner) becomes (outer, inner, depth).
    const int axis = rank > 1 ? 1 : 0;
    Shape shape;
    std::int64_t inner = 1;
    for (int a = 0; a < rank; ++a) {
        if (a != axis) shape.push_back(which.shape()[a]);
        if (a > axis) inner *= which.shape()[a];
    }
    shape.push_back(depth);
    const Tensor amount = weights.defined() ? weights.to(f32) : ones(which.shape());
    Tensor y = zeros(shape);
    for (std::int64_t i = 0, samples = which.shape()[axis]; i < which.numel(); ++i) {
        if (category[i] < 0) continue;
        float& cell = y.raw<float>()[(i / (samples * inner) * inner + i % inner) * depth + category[i]];
        cell = mode == "count" ? cell + amount.raw<float>()[i] : 1;
    }
    return y;
}

template <class F> void fields(CategoryEncodingOptions& o, F&& field) {
    field("num_tokens", o.num_tokens);
    field("output_mode", o.output_mode);
}
template <class F> void fields(DiscretizationOptions& o, F&& field) {
    field("bin_boundaries", o.bin_boundaries);
    field("num_bins", o.num_bins);
    field("epsilon", o.epsilon);
    field("output_mode", o.output_mode);
}
template <class F> void fields(HashingOptions& o, F&& field) {
    field("num_bins", o.num_bins);
    field("mask_value", o.mask_value);
    field("salt", o.salt);
    field("output_mode", o.output_mode);
}

CategoryEncoding::CategoryEncoding(std::int64_t num_tokens, CategoryEncodingOptions options)
    : options_(std::move(options)) {
    options_.num_tokens = num_tokens;
    require<std::invalid_argument>(num_tokens > 0, "CategoryEncoding: expected num_tokens > 0, got {}", num_tokens);
    detail::require_output_mode("CategoryEncoding", options_.output_mode, {"one_hot", "multi_hot", "count"});
}
Tensor CategoryEncoding::forward(const Tensor& x) { return forward(Tensors{x, Tensor()}); }
Tensor CategoryEncoding::forward(const Tensors& in) {
    const Tensor &x = in[0], &weights = in[1];
    require(in.size() == 2 && (!weights.defined() || (options_.output_mode == "count" && weights.shape() == x.shape())),
            "expected weights beside each entry and output_mode count, got input {} and {}", x.shape(),
            options_.output_mode);
    const Tensor category = x.to(i64);
    for (const auto c : category.data<std::int64_t>())
        require<std::invalid_argument>(0 <= c && c < options_.num_tokens,
                                       "CategoryEncoding: expected integers in [0, {}), got {}", options_.num_tokens,
                                       c);
    return detail::encode(category, options_.output_mode, options_.num_tokens, weights);
}
void CategoryEncoding::describe(Config& config) const { write(config, options_); }
CategoryEncoding CategoryEncoding::from_config(const Config& config) {
    const auto options = read<CategoryEncodingOptions>("CategoryEncoding", config);
    return CategoryEncoding(options.num_tokens, options);
}

Discretization::Discretization(DiscretizationOptions options) : options_(std::move(options)) {
    const auto& o = options_;
    const auto falls = std::ranges::is_sorted_until(o.bin_boundaries);
    if (falls != o.bin_boundaries.end())
        fail<std::invalid_argument>("Discretization: expected bin_boundaries that rise, got {} after {}", *falls,
                                    falls[-1]);
    require<std::invalid_argument>(o.num_bins > 0 || !o.bin_boundaries.empty(),
                                   "Discretization: expected bin_boundaries or num_bins > 0, got {}", o.num_bins);
    require<std::invalid_argument>(0 < o.epsilon && o.epsilon < 1, "Discretization: expected 0 < epsilon < 1, got {}",
                                   o.epsilon);
    detail::require_output_mode("Discretization", o.output_mode, {"int", "one_hot", "multi_hot", "count"});
}
namespace {
/// Values and how many entries each stands for, thinned out to about 1 / epsilon of them: Keras' summary.
struct Summary {
    std::vector<double> values, weights;
    Summary thinned(double epsilon) const {
        if (double(values.size()) * epsilon < 1) return *this;
        std::vector<double> below;  // the weight up to and with each value
        double total = 0;
        for (const double w : weights) below.push_back(total += w);
        // Linear between the values, as far as they go.
        const auto at = [&](double share, const std::vector<double>& of) {
            const auto next = std::size_t(
                std::ranges::lower_bound(below, share, {}, [&](double b) { return b / total; }) - below.begin());
            if (next == 0) return of.front();
            if (next == below.size()) return of.back();
            const double low = below[next - 1] / total, high = below[next] / total;
            return of[next - 1] + (of[next] - of[next - 1]) * (share - low) / (high - low);
        };
        Summary thin;
        double before = 0;
        for (int i = 0, n = int(std::ceil(1 / epsilon)); i < n; ++i) {
            const double share = epsilon + double(i) * epsilon, weight = at(share, below);
            thin.values.push_back(at(share, values));
            thin.weights.push_back(weight - before);
            before = weight;
        }
        return thin;
    }
};
}  // namespace
void Discretization::adapt(const Tensor& data) {
    require<std::logic_error>(options_.num_bins > 0, "Discretization: expected num_bins for adapt(), got {}",
                              options_.num_bins);
    require(data.numel() > 0, "Discretization: expected data to adapt to, got {}", data.shape());
    const Tensor wide = data.to(f64);
    std::vector<double> sorted(wide.data<double>().begin(), wide.data<double>().end());
    std::ranges::sort(sorted);
    const double step = std::max(double(sorted.size()) * options_.epsilon, 1.0);
    Summary summary;
    for (auto i = std::size_t(step - 1); i < sorted.size(); i += std::size_t(step))
        summary.values.push_back(sorted[i]), summary.weights.push_back(step);
    summary = summary.thinned(options_.epsilon).thinned(1.0 / options_.num_bins);
    summary.values.pop_back();
    options_.bin_boundaries = summary.values;
}
Tensor Discretization::forward(const Tensor& x) {
    const auto& edges = options_.bin_boundaries;
    require<std::logic_error>(!edges.empty(), "Discretization: expected adapt() before, as it has no bin_boundaries");
    const Tensor wide = x.to(f64);
    Tensor bins = Tensor::empty(x.shape(), i32);
    for (std::int64_t i = 0; i < x.numel(); ++i)
        bins.raw<std::int32_t>()[i] =
            std::int32_t(std::ranges::upper_bound(edges, wide.raw<double>()[i]) - edges.begin());
    return detail::encode(bins, options_.output_mode, std::int64_t(edges.size()) + 1);
}
void Discretization::describe(Config& config) const { write(config, options_); }
Discretization Discretization::from_config(const Config& config) {
    return Discretization(read<DiscretizationOptions>("Discretization", config));
}

Hashing::Hashing(std::int64_t num_bins, HashingOptions options) : options_(std::move(options)) {
    options_.num_bins = num_bins;
    require<std::invalid_argument>(num_bins > 0, "Hashing: expected num_bins > 0, got {}", num_bins);
    require<std::invalid_argument>(options_.salt.size() <= 2, "Hashing: expected a salt of one or two numbers, got {}",
                                   options_.salt.size());
    detail::require_output_mode("Hashing", options_.output_mode, {"int", "one_hot", "multi_hot", "count"});
}
std::int64_t Hashing::bin(const std::string& key) const {
    const bool masks = options_.mask_value && options_.num_bins > 1;
    if (masks && key == options_.mask_value->text) return 0;
    const auto bins = std::uint64_t(options_.num_bins - masks);
    const auto& salt = options_.salt;
    const std::uint64_t hash = salt.empty()
                                   ? detail::farm_hash(key)
                                   : detail::sip_hash(key, std::uint64_t(salt.front()), std::uint64_t(salt.back()));
    return std::int64_t(hash % bins) + masks;
}
Tensor Hashing::operator()(const std::vector<std::string>& strings) {
    std::vector<std::int64_t> bins;
    for (auto& s : strings) bins.push_back(bin(s));
    return detail::encode(Tensor::of<std::int64_t>({bins.size()}, bins), options_.output_mode, options_.num_bins);
}
Tensor Hashing::operator()(const std::vector<std::vector<std::string>>& rows) {
    const Tensor bins = detail::table_of("Hashing", rows, [&](const std::string& s) { return bin(s); });
    return detail::encode(bins, options_.output_mode, options_.num_bins);
}
Tensor Hashing::forward(const Tensor& x) {
    const Tensor keys = x.to(i64);
    Tensor bins = Tensor::empty(x.shape(), i64);
    for (std::int64_t i = 0; i < x.numel(); ++i)
        bins.raw<std::int64_t>()[i] = bin(std::to_string(keys.raw<std::int64_t>()[i]));
    return detail::encode(bins, options_.output_mode, options_.num_bins);
}
void Hashing::describe(Config& config) const { write(config, options_); }
Hashing Hashing::from_config(const Config& config) {
    const auto options = read<HashingOptions>("Hashing", config);
    return Hashing(options.num_bins, options);
}

}  // namespace xg
