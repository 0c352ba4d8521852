#include <cmath>
#include <functional>
#include "../../nn/settings.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

TEST_CASE("losses refuse in these words", "[losses]") {
    const Tensor x = zeros({8, 3}), column = zeros({8, 1}), row = zeros({8});
    const Tensor labels = zeros({8}, i64), signs = ones({8});
    const struct {
        std::function<void()> call;
        const char* text;
    } table[] = {
        {[&] { MeanSquaredError()(x, column); },
         "MeanSquaredError: expected y_true and y_pred of one shape, got (8, 3) and (8, 1)"},
        {[&] {
             MeanSquaredError()(zeros({1, 3}), x);
         },
         "MeanSquaredError: expected y_true and y_pred of one shape, got (1, 3) and (8, 3)"},
        {[&] { MeanSquaredError({.reduction = "average"}); },
         "loss: expected reduction sum_over_batch_size, mean, sum, mean_with_sample_weight or none, got average"},
        {[&] { MeanSquaredError()(x, x, zeros({3})); }, "loss: expected one sample_weight an example (8,), got (3,)"},
        {[&] { Huber({.delta = 0}); }, "Huber: expected delta > 0, got 0"},
        {[&] { CategoricalCrossentropy()(row, x); },
         "CategoricalCrossentropy: expected y_true and y_pred of one shape, got (8,) and (8, 3)"},
        {[&] { CategoricalCrossentropy({.label_smoothing = -1}); },
         "CategoricalCrossentropy: expected 0 <= label_smoothing <= 1, got -1"},
        {[&] { SparseCategoricalCrossentropy()(x, x); },
         "SparseCategoricalCrossentropy: expected one label a row of y_pred, got y_true (8, 3) and y_pred (8, 3)"},
        {[&] { BinaryFocalCrossentropy({.gamma = -1}); }, "BinaryFocalCrossentropy: expected gamma >= 0, got -1"},
        {[&] { BinaryFocalCrossentropy({.label_smoothing = 2}); },
         "BinaryFocalCrossentropy: expected 0 <= label_smoothing <= 1, got 2"},
        {[&] {
             CategoricalFocalCrossentropy({.alpha = {1, 2}})(x, x);
         },
         "CategoricalFocalCrossentropy: expected alpha for each of 3 classes or one for all, got 2"},
        {[&] { CategoricalFocalCrossentropy({.alpha = {}}); },
         "CategoricalFocalCrossentropy: expected alpha, got an empty list"},
        {[&] { CategoricalGeneralizedCrossEntropy({.q = 1}); },
         "CategoricalGeneralizedCrossEntropy: expected 0 < q < 1, got 1"},
        {[&] { CategoricalHinge()(zeros({}), zeros({})); }, "CategoricalHinge: expected y_pred (..., classes), got ()"},
        {[&] { Circle()(labels, row); }, "Circle: expected y_pred (batch, features), got (8,)"},
        {[&] { Circle()(zeros({7}), x); },
         "Circle: expected one label a row of y_pred, got y_true (7,) and y_pred (8, 3)"},
        {[&] { make<Loss>("mean_square"); },
         "loss: expected one of MeanSquaredError, MeanAbsoluteError, MeanAbsolutePercentageError, "
         "MeanSquaredLogarithmicError, LogCosh, Huber, QuadraticCost, KLDivergence, Poisson, BinaryCrossentropy, "
         "CategoricalCrossentropy, SparseCategoricalCrossentropy, crossentropy, BinaryFocalCrossentropy, "
         "CategoricalFocalCrossentropy, CategoricalGeneralizedCrossEntropy, Hinge, SquaredHinge, CategoricalHinge, "
         "Dice, Tversky, CosineSimilarity, Circle, CTC, got \"mean_square\""},
        {[&] { nll_loss(row, labels); }, "nll_loss: expected input (batch, classes, ...), got (8,)"},
        {[&] { nll_loss(x, zeros({7}, i64)); },
         "nll_loss: expected one label a row of y_pred, got y_true (7,) and y_pred (8, 3)"},
        {[&] { nll_loss(x, labels, {.label_smoothing = 0.1}); }, "nll_loss: expected label_smoothing 0, got 0.1"},
        {[&] {
             nll_loss(x, labels, {.weight = {1, 2}});
         },
         "nll_loss: expected weight for each of 3, got 2"},
        {[&] { cross_entropy(row, labels); }, "cross_entropy: expected input (batch, classes, ...), got (8,)"},
        {[&] { cross_entropy(x, labels, {.reduction = "all"}); },
         "cross_entropy: expected reduction mean, sum or none, got all"},
        {[&] { kl_div(x, row); }, "kl_div: expected y_true and y_pred of one shape, got (8,) and (8, 3)"},
        {[&] { gaussian_nll_loss(x, x, x - 1); }, "gaussian_nll_loss: expected var >= 0, got less"},
        {[&] { triplet_margin_loss(x, x, column); },
         "triplet_margin_loss: expected anchor, positive and negative of one shape, got (8, 3), (8, 3) and (8, 1)"},
        {[&] { triplet_margin_loss(x, x, x, {.p = 0}); }, "triplet_margin_loss: expected p > 0, got 0"},
        {[&] { margin_ranking_loss(row, row, column); },
         "margin_ranking_loss: expected x1, x2 and y of one shape, got (8,), (8,) and (8, 1)"},
        {[&] { margin_ranking_loss(row, row, row); }, "margin_ranking_loss: expected y of -1 and 1, got others"},
        {[&] { cosine_embedding_loss(x, x, x); },
         "cosine_embedding_loss: expected x1, x2 (..., features) and y (...), got (8, 3), (8, 3) and (8, 3)"},
    };
    for (const auto& row_of_table : table) CHECK_THROWS_WITH(row_of_table.call(), row_of_table.text);
}

TEST_CASE("a column against a vector is taken row by row, by functions refused", "[losses]") {
    const Tensor column = tensor({{1}, {2}, {3}}), vector = tensor({0, 0, 0});
    CHECK(MeanSquaredError()(vector, column).item() == Approx(14.0 / 3));
    CHECK(MeanSquaredError()(column, vector).item() == Approx(14.0 / 3));
    const Box<Loss> mine = [](const Tensor& y, const Tensor& p) { return mean(square(y - p)); };
    CHECK((*mine)(vector, vector + 1).item() == 1);
    CHECK_THROWS_WITH((*mine)(vector, column), "loss: expected y_true and y_pred of one shape, got (3,) and (3, 1)");
}

TEST_CASE("losses go by Keras' names and come back from their configurations", "[losses]") {
    for (const char* name : {"mse",
                             "MSE",
                             "mae",
                             "mape",
                             "msle",
                             "logcosh",
                             "log_cosh",
                             "huber",
                             "kld",
                             "kl_divergence",
                             "KLDivergence",
                             "poisson",
                             "bce",
                             "binary_crossentropy",
                             "categorical_crossentropy",
                             "sparse_categorical_crossentropy",
                             "binary_focal_crossentropy",
                             "categorical_focal_crossentropy",
                             "categorical_generalized_cross_entropy",
                             "hinge",
                             "squared_hinge",
                             "categorical_hinge",
                             "dice",
                             "tversky",
                             "circle",
                             "cosine_similarity",
                             "ctc"})
        CHECK_NOTHROW(make<Loss>(name));
    const Tensor y = one_hot(tensor<std::int64_t>({0, 2, 1}), 3), p = softmax(sin(reshape(arange(9).to(f32), {3, 3})));
    const Box<Loss> losses[] = {Huber({.delta = 0.3, .reduction = "sum"}),
                                CategoricalFocalCrossentropy({.alpha = {0.1, 0.2, 0.7}, .label_smoothing = 0.1}),
                                Tversky({.alpha = 0.2, .axis = {1}}), CosineSimilarity({.axis = {0}})};
    for (const auto& loss : losses) {
        const Json written = value(loss);
        const Config config{written["config"]};
        const auto again = make<Loss>(written["class_name"].get<std::string>().c_str(), &config);
        CHECK(value(again) == written);
        CHECK(array_equal((*again)(y, p), (*loss)(y, p)));
    }
    const Config misspelt(Json{{"label_smooth", 0.1}});
    CHECK_THROWS_WITH(make<Loss>("BinaryCrossentropy", &misspelt),
                      "config: expected a known setting, got \"label_smooth\"");
}

TEST_CASE("weights and masks: the divisor counts examples, not weights; what is masked does not count", "[losses]") {
    const Tensor y = zeros({4, 2}), p = tensor({{1, 1}, {2, 2}, {3, 3}, {4, 4}}), w = tensor({1, 0, 0.5, 0.25});
    CHECK(MeanSquaredError()(y, p, w).item() == Approx((1 + 0.5 * 9 + 0.25 * 16) / 4));
    CHECK(MeanSquaredError({.reduction = "mean_with_sample_weight"})(y, p, w).item() ==
          Approx((1 + 0.5 * 9 + 0.25 * 16) / 1.75));
    p.set_mask(tensor<bool>({true, true, false, false}));
    CHECK(MeanSquaredError()(y, p).item() == Approx((1 + 4) / 2.0));
    CHECK(MeanSquaredError()(y, p, w).item() == Approx(1 / 2.0));
    const Circle circle({.gamma = 1});  // a row without a partner of its class has loss 0 and is not counted
    const Tensor e = tensor({{1, 0}, {0, 1}, {1, 0}});
    const Tensor labels = tensor<std::int64_t>({0, 1, 0}), each = circle.each(labels, e);
    CHECK(each(1).item() == 0);
    CHECK(circle(labels, e).item() == Approx(sum(each).item() / 2));
}

TEST_CASE("a column of weights makes a column of losses, as in Keras", "[losses]") {
    const Tensor y = zeros({2, 2}), p = tensor({{1, 1}, {2, 2}}), column = tensor({{1}, {0.5}});
    const MeanSquaredError each({.reduction = "none"});
    CHECK(array_equal(each(y, p, column), tensor({{1}, {2}})));
    CHECK(MeanSquaredError()(y, p, column).item() == 1.5);
    p.set_mask(tensor<bool>({{true}, {false}}));
    CHECK(array_equal(each(y, p), tensor({{1}, {0}})));
    CHECK(MeanSquaredError()(y, p).item() == 1);
}

TEST_CASE("crossentropy is the one that fits the shapes", "[losses]") {
    const Box<Loss> loss = "ce";
    const Tensor p = tensor({{0.25, 0.75}, {0.5, 0.5}}), labels = tensor<std::int64_t>({1, 0});
    CHECK(array_equal((*loss)(labels, p), SparseCategoricalCrossentropy()(labels, p)));
    CHECK(array_equal((*loss)(one_hot(labels, 2), p), CategoricalCrossentropy()(one_hot(labels, 2), p)));
    const Tensor one = tensor({{0.25}, {0.75}}), bits = tensor({{0}, {1}});
    CHECK(array_equal((*loss)(bits, one), BinaryCrossentropy()(bits, one)));
}

TEST_CASE("generalized cross-entropy is exact at 0 and 1, and its gradient finite", "[losses]") {
    const Tensor p = tensor<double>({{0, 1}, {0, 1}}).require_grad(), labels = tensor<std::int64_t>({0, 1});
    const CategoricalGeneralizedCrossEntropy loss({.q = 0.5, .reduction = "none"});
    CHECK(array_equal(loss(labels, p), tensor<double>({2, 0})));
    CHECK(all(isfinite(grad(sum(loss(labels, p)), p))).item<bool>());
}

TEST_CASE("cross-entropies behind softmax and sigmoid lose nothing while logits are kept", "[losses]") {
    const Tensor z = tensor({{300, -300, 0}}).require_grad(), label = tensor<std::int64_t>({1});
    const Tensor one = one_hot(label, 3), far = tensor({{-300}, {300}}).require_grad(), bits = tensor({{1}, {0}});
    const KeepLogits keep;
    const Tensor sparse = SparseCategoricalCrossentropy()(label, softmax(z));
    const Tensor categorical = CategoricalCrossentropy()(one, softmax(z));
    const Tensor binary = BinaryCrossentropy()(bits, sigmoid(far));
    for (const Tensor& loss : {sparse, categorical}) {
        CHECK(loss.item() == 600);
        CHECK(array_equal(grad(loss, z), tensor({{1, -1, 0}})));
    }
    CHECK(binary.item() == 300);
    CHECK(array_equal(grad(binary, far), tensor({{-0.5}, {0.5}})));
    // Another axis, or something between, and it is a loss of probabilities as any other.
    CHECK(CategoricalCrossentropy()(transpose(one), softmax(transpose(z))).item() < 600);
    CHECK(BinaryCrossentropy()(bits, 1 * sigmoid(far)).item() == Approx(-std::log(1e-7)).epsilon(0.01));
}
TEST_CASE("logits that have changed in place are kept no longer", "[losses]") {
    const Tensor x = tensor({{2}, {-1}}), kernel = tensor({{1.5}}), z = tensor({{2}, {-1}}), bits = tensor({{1}, {0}});
    const KeepLogits keep;
    const BinaryCrossentropy loss;
    for (const Tensor& p : {affine(x, kernel, {}, Epilogue::sigmoid), sigmoid(z)}) {
        const double before = loss(bits, p).item();
        Tensor(kernel).assign(tensor({{-40}})), Tensor(z).assign(tensor({{-40}, {40}}));
        CHECK(loss(bits, p).item() == Approx(before).epsilon(1e-6));
        Tensor(kernel).assign(tensor({{1.5}})), Tensor(z).assign(tensor({{2}, {-1}}));
    }
}
TEST_CASE("a graph that was freed keeps its logits", "[losses]") {
    const Tensor z = tensor({{2}, {-1}}).require_grad(), bits = tensor({{1}, {0}});
    const KeepLogits keep;
    const Tensor p = sigmoid(z);
    const double before = BinaryCrossentropy()(bits, p).item();
    sum(p).backward();
    CHECK(BinaryCrossentropy()(bits, p).item() == before);
}
TEST_CASE("fit computes cross-entropy from what stands before softmax", "[losses]") {
    Model model{Sequential{Input({1}), Dense(2, DenseOptions{.activation = "softmax", .kernel_initializer = Ones()})}};
    model.parameters()[0].assign(tensor({{200, -200}}));  // sure, and wrong
    model.compile({.optimizer = SGD({.learning_rate = 1}), .loss = "sparse_categorical_crossentropy"});
    const Tensor x = ones({4, 1}), y = ones({4}, i64);
    CHECK(model.evaluate(x, y)["loss"] == 400);
    model.fit(x, y, {.epochs = 1, .verbose = 0});
    CHECK(array_equal(model.parameters()[0].detach(), tensor({{199, -199}})));
}

TEST_CASE("losses are functions too: one an example", "[losses]") {
    const Tensor y = uniform({4, 3}, 0.1, 0.9, f64), p = uniform({4, 3}, 0.1, 0.9, f64);
    const Tensor labels = tensor<std::int64_t>({2, 0, 1, 2}), hot = one_hot(labels, 3).to(f64);
    const auto same = [&](const Tensor& got, const Box<Loss>& loss, const Tensor& y_true) {
        CHECK(array_equal(got, (*loss)(y_true, p)));
    };
    same(mean_squared_error(y, p), MeanSquaredError({.reduction = "none"}), y);
    same(mean_absolute_error(y, p), MeanAbsoluteError({.reduction = "none"}), y);
    same(mean_absolute_percentage_error(y, p), MeanAbsolutePercentageError({.reduction = "none"}), y);
    same(mean_squared_logarithmic_error(y, p), MeanSquaredLogarithmicError({.reduction = "none"}), y);
    same(log_cosh(y, p), LogCosh({.reduction = "none"}), y);
    same(huber(y, p, {.delta = 0.2}), Huber({.delta = 0.2, .reduction = "none"}), y);
    same(kl_divergence(y, p), KLDivergence({.reduction = "none"}), y);
    same(poisson(y, p), Poisson({.reduction = "none"}), y);
    same(binary_crossentropy(y, p, {.label_smoothing = 0.1}),
         BinaryCrossentropy({.label_smoothing = 0.1, .reduction = "none"}), y);
    same(categorical_crossentropy(hot, p, {.from_logits = true}),
         CategoricalCrossentropy({.from_logits = true, .reduction = "none"}), hot);
    same(sparse_categorical_crossentropy(labels, p), SparseCategoricalCrossentropy({.reduction = "none"}), labels);
    same(binary_focal_crossentropy(y, p, {.gamma = 3}), BinaryFocalCrossentropy({.gamma = 3, .reduction = "none"}), y);
    same(categorical_focal_crossentropy(hot, p, {.gamma = 1}),
         CategoricalFocalCrossentropy({.gamma = 1, .reduction = "none"}), hot);
    same(hinge(hot, p), Hinge({.reduction = "none"}), hot);
    same(squared_hinge(hot, p), SquaredHinge({.reduction = "none"}), hot);
    same(categorical_hinge(hot, p), CategoricalHinge({.reduction = "none"}), hot);
    same(cosine_similarity(y, p, {.axis = {0}}), CosineSimilarity({.axis = {0}, .reduction = "none"}), y);
    same(dice(y, p, {.axis = {1}}), Dice({.axis = {1}, .reduction = "none"}), y);
    same(tversky(y, p, {.alpha = 0.3}), Tversky({.alpha = 0.3, .reduction = "none"}), y);
}
