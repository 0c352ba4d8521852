#pragma once
#include <optional>
#include <utility>
#include <vector>
#include "../data/loader.h"
#include "../data/stream.h"

namespace xg {

/// What a model shall give: y, or one for each output in braces.
struct Targets : Tensors {
    Targets() = default;
    Targets(Tensor y) {
        if (y.defined()) push_back(std::move(y));
    }
    Targets(Tensors ys) : Tensors(std::move(ys)) {}
    Targets(std::initializer_list<Tensor> ys) : Tensors(ys) {}
};
/// What a model learns from or is measured on: a Dataset, {x, y}, {{left, right}, y}, and a weight a row if wanted.
struct FitData {
    FitData() = default;
    FitData(const Tensor& x, Targets targets, Tensor weights = {})
        : FitData(Tensors{x}, std::move(targets), std::move(weights)) {}
    FitData(Tensors inputs, Targets targets, Tensor weights = {})
        : xs(std::move(inputs)), ys(std::move(targets)), weight(std::move(weights)) {}
    template <class X, class Y> FitData(const Examples<X, Y>& data) : FitData(data.x, data.y) {}

    bool given() const { return !xs.empty() || !ys.empty() || weight.defined(); }
    std::int64_t size() const { return ys[0].shape()[0]; }

    Tensors xs, ys;
    Tensor weight;
};
/// The same, or a Stream of batches.
struct ValidationData : FitData {
    using FitData::FitData;
    ValidationData() = default;
    ValidationData(FitData data) : FitData(std::move(data)) {}
    ValidationData(Stream stream) : batches(std::move(stream)) {}

    bool given() const { return batches || FitData::given(); }

    std::optional<Stream> batches;
};
/// Which rows validation_split takes: the last ones as they stand, or others by the fit's seed.
enum class ValidationRows : std::uint8_t { last, shuffled, stratified };

namespace detail {

/// A list of one.
inline void set(Tensors& list, Tensor x) {
    list.resize(1);
    list[0] = std::move(x);
}
inline void set(Tensors& list, Tensors xs) { list = std::move(xs); }
FitData rows(const FitData& data, std::int64_t first, std::int64_t last);
FitData rows(const FitData& data, const Tensor& index);
/// Throws unless there are rows, as many in each input, each target and the weights.
void check_lengths(const char* who, const FitData& data);
/// Throws at NaN or infinity; names the row.
void check_finite(const char* who, const FitData& data);
/// Throws unless every label of each target is in [0, classes); 0 classes: they are no labels.
void check_labels(const char* who, const FitData& data, const std::vector<std::int64_t>& classes);
/// The part to train on and the part held out. Throws unless both have rows.
std::pair<FitData, FitData> hold_out(const FitData& data, double share, ValidationRows which, std::uint64_t seed,
                                     bool quiet);
/// The rows' weights times their classes'; `class_weight` is {label, weight}, 1 for others.
FitData weigh_classes(const char* who, FitData data, const std::vector<std::pair<std::int64_t, double>>& class_weight);

}  // namespace detail
}  // namespace xg
