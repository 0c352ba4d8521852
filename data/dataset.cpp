#include "dataset.h"
#include <cmath>
#include <map>
#include <vector>
#include "../autograd/node.h"
#include "../autograd/ops/arithmetic.h"
#include "../autograd/ops/indexing.h"
#include "../autograd/ops/layout.h"
#include "../autograd/ops/reduction.h"
#include "../io/idx.h"
#include "../tensor/random.h"
#include "csv.h"

namespace xg {

Split split(const Dataset& whole, SplitOptions options) {
    require<std::invalid_argument>(0 <= options.test && options.test <= 1, "split: expected 0 <= test <= 1, got {}",
                                   options.test);
    require(whole.x.rank() > 0 && whole.y.rank() > 0 && whole.x.shape()[0] == whole.y.shape()[0],
            "split: expected x and y of equal length, got {} and {}", whole.x.shape(), whole.y.shape());
    const Tensor order = permutation(RandomKey{options.seed, 0}, whole.size());
    const bool stratify = options.stratify && whole.y.dtype() == i64;
    const auto group = [&](std::int64_t row) { return stratify ? whole.y.raw<std::int64_t>()[row] : 0; };
    std::map<std::int64_t, double> quota;  // how many rows of each class still go to the test part
    for (std::int64_t row = 0; row < whole.size(); ++row) quota[group(row)] += options.test;
    std::vector<std::int64_t> train, test;
    for (std::int64_t row : order.data<std::int64_t>()) {
        double& left = quota[group(row)];
        (left >= 0.5 ? test : train).push_back(row);
        left -= 1;
    }
    const auto part = [&](const std::vector<std::int64_t>& rows) {
        const Tensor index = Tensor::of<std::int64_t>({rows.size()}, rows);
        return Dataset{take(whole.x, index), take(whole.y, index)};
    };
    return {part(train), part(test)};
}

Split standardise(const Split& data) {
    const Tensor m = mean(data.train.x, 0), s = stddev(data.train.x, 0), scale = where(s == 0, 1, s);
    return {{(data.train.x - m) / scale, data.train.y}, {(data.test.x - m) / scale, data.test.y}};
}

namespace detail {
std::string_view embedded(std::string_view name);

Tensor rows(const Tensor& x, std::int64_t first, std::int64_t last) { return slice(x, first, last); }
Tensor rows(const Tensor& x, const Tensor& index) { return take(x, index); }
Tensors rows(const Tensors& xs, std::int64_t first, std::int64_t last) {
    Tensors out;
    for (const Tensor& x : xs) out.push_back(slice(x, first, last));
    return out;
}
Tensors rows(const Tensors& xs, const Tensor& index) {
    Tensors out;
    for (const Tensor& x : xs) out.push_back(take(x, index));
    return out;
}
}  // namespace detail

namespace data {
namespace {
/// The last column is the target.
Dataset table(const char* name) {
    const CsvTable t = parse_csv(detail::embedded(name), name);
    return {t.features({t.names.back()}), t.columns.back()};
}
}  // namespace

Split digits(SplitOptions options) {
    Dataset all_digits = table("digits.csv");
    all_digits.x = all_digits.x / 16;
    return split(all_digits, options);
}
Split iris(SplitOptions options) { return split(table("iris.csv"), options); }
Split wine(SplitOptions options) { return split(table("wine.csv"), options); }
Split breast_cancer(SplitOptions options) { return split(table("breast_cancer.csv"), options); }
Split diabetes(SplitOptions options) {
    Dataset whole = table("diabetes.csv");
    whole.y = reshape(whole.y.to(f32), {-1, 1});
    return split(whole, options);
}
Split fashion_mnist(const std::string& folder) {
    const auto part = [&](const std::string& name) {
        const Tensor images = read_idx(folder + "/" + name + "-images-idx3-ubyte.gz");
        return Dataset{reshape(images.to(f32) / 255, {images.shape()[0], -1}),
                       read_idx(folder + "/" + name + "-labels-idx1-ubyte.gz").to(i64)};
    };
    return {part("train"), part("t10k")};
}
}  // namespace data

}  // namespace xg
