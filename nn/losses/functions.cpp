#include "functions.h"
#include <utility>
#include "distribution.h"
#include "hinge.h"

namespace xg {

Tensor mean_squared_error(const Tensor& y_true, const Tensor& y_pred) {
    return MeanSquaredError().each(y_true, y_pred);
}
Tensor mean_absolute_error(const Tensor& y_true, const Tensor& y_pred) {
    return MeanAbsoluteError().each(y_true, y_pred);
}
Tensor mean_absolute_percentage_error(const Tensor& y_true, const Tensor& y_pred) {
    return MeanAbsolutePercentageError().each(y_true, y_pred);
}
Tensor mean_squared_logarithmic_error(const Tensor& y_true, const Tensor& y_pred) {
    return MeanSquaredLogarithmicError().each(y_true, y_pred);
}
Tensor log_cosh(const Tensor& y_true, const Tensor& y_pred) { return LogCosh().each(y_true, y_pred); }
Tensor huber(const Tensor& y_true, const Tensor& y_pred, HuberOptions options) {
    return Huber(std::move(options)).each(y_true, y_pred);
}
Tensor kl_divergence(const Tensor& y_true, const Tensor& y_pred) { return KLDivergence().each(y_true, y_pred); }
Tensor poisson(const Tensor& y_true, const Tensor& y_pred) { return Poisson().each(y_true, y_pred); }
Tensor binary_crossentropy(const Tensor& y_true, const Tensor& y_pred, CrossentropyOptions options) {
    return BinaryCrossentropy(std::move(options)).each(y_true, y_pred);
}
Tensor categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred, CrossentropyOptions options) {
    return CategoricalCrossentropy(std::move(options)).each(y_true, y_pred);
}
Tensor sparse_categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred, SparseCrossentropyOptions options) {
    return SparseCategoricalCrossentropy(std::move(options)).each(y_true, y_pred);
}
Tensor binary_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred, BinaryFocalCrossentropyOptions options) {
    return BinaryFocalCrossentropy(std::move(options)).each(y_true, y_pred);
}
Tensor categorical_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                      CategoricalFocalCrossentropyOptions options) {
    return CategoricalFocalCrossentropy(std::move(options)).each(y_true, y_pred);
}
Tensor hinge(const Tensor& y_true, const Tensor& y_pred) { return Hinge().each(y_true, y_pred); }
Tensor squared_hinge(const Tensor& y_true, const Tensor& y_pred) { return SquaredHinge().each(y_true, y_pred); }
Tensor categorical_hinge(const Tensor& y_true, const Tensor& y_pred) { return CategoricalHinge().each(y_true, y_pred); }
Tensor cosine_similarity(const Tensor& y_true, const Tensor& y_pred, CosineSimilarityOptions options) {
    return CosineSimilarity(std::move(options)).each(y_true, y_pred);
}
Tensor dice(const Tensor& y_true, const Tensor& y_pred, DiceOptions options) {
    return Dice(std::move(options)).each(y_true, y_pred);
}
Tensor tversky(const Tensor& y_true, const Tensor& y_pred, TverskyOptions options) {
    return Tversky(std::move(options)).each(y_true, y_pred);
}

}  // namespace xg
