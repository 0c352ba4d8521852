#pragma once
#include <concepts>
#include <cstdint>
#include <string>
#include "../tensor/tensor.h"

namespace xg {

/// Examples and their targets, row by row. A batch of a data set is a data set; `auto [x, y] = batch`.
template <class X, class Y = Tensor> struct Examples {
    X x;
    Y y;
    std::int64_t size() const {
        if constexpr (std::same_as<Y, Tensor>) return y.defined() ? y.shape()[0] : 0;
        else return y.empty() || !y[0].defined() ? 0 : y[0].shape()[0];
    }
};
using Dataset = Examples<Tensor>;
/// With several inputs: `MultiDataset{{left, right}, y}`.
using MultiDataset = Examples<Tensors>;
/// With several targets too, one for each of a model's outputs: `MultiTargetDataset{{x}, {price, grade}}`.
using MultiTargetDataset = Examples<Tensors, Tensors>;
struct Split {
    Dataset train, test;
};
struct SplitOptions {
    double test = 0.2;  // the test part's share
    std::uint64_t seed = 1;
    bool stratify = true;  // each class keeps its share in both parts, if y holds integer labels
};
/// Shuffled by the seed alone.
Split split(const Dataset& all, SplitOptions options = {});
/// Each column less its mean in `train`, over its standard deviation there (1 where that is 0).
Split standardise(const Split& data);

namespace detail {
// Some rows of one input or of each of several: [first, last), or those that `index` lists.
Tensor rows(const Tensor& x, std::int64_t first, std::int64_t last);
Tensor rows(const Tensor& x, const Tensor& index);
Tensors rows(const Tensors& xs, std::int64_t first, std::int64_t last);
Tensors rows(const Tensors& xs, const Tensor& index);
}  // namespace detail

namespace data {

// Real data sets that come with the library (see NOTICE); features float32, labels int64.

/// 1,797 handwritten digits, 8 x 8 grey values 0 to 1 as rows of 64; labels 0 to 9.
Split digits(SplitOptions options = {});
/// 150 irises, 4 measurements in cm; 3 species.
Split iris(SplitOptions options = {});
/// 178 wines, 13 measurements; 3 cultivars.
Split wine(SplitOptions options = {});
/// 569 biopsies, 30 measurements; 0 malignant, 1 benign.
Split breast_cancer(SplitOptions options = {});
/// 442 patients, 10 measurements; y (n, 1) float32, the disease's progression after a year.
Split diabetes(SplitOptions options = {});
/// 60,000 and 10,000 grey 28 x 28 images of clothes as rows of 784, 0 to 1; labels 0 to 9. From the four IDX files of
/// Fashion-MNIST in `folder`; throws FileError if they are not there (Debian: dataset-fashion-mnist).
Split fashion_mnist(const std::string& folder = "/usr/share/datasets/fashion-mnist");

}  // namespace data
}  // namespace xg
