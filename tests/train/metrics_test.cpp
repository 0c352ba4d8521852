#include <cmath>
#include <functional>
#include "../../nn/settings.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
template <class M> M fed(M metric, const Tensor& y_true, const Tensor& y_pred, const Tensor& weight = {}) {
    metric.update(y_true, y_pred, weight);
    return metric;
}
}  // namespace

TEST_CASE("metrics give the numbers of Keras' documentation", "[metrics]") {
    const Tensor t = tensor({0, 0, 1, 1}), p = tensor<double>({0, 0.5, 0.3, 0.9}), w = tensor({1, 0, 0, 1});
    CHECK(fed(AUC({.num_thresholds = 3}), t, p).result() == Approx(0.75));
    CHECK(fed(AUC({.num_thresholds = 3}), t, p, w).result() == Approx(1));
    CHECK(fed(Precision(), tensor({0, 1, 1, 1}), tensor({1, 0, 1, 1})).result() == Approx(2.0 / 3));
    CHECK(fed(Precision({.top_k = 2}), tensor({0, 0, 1, 1}), tensor({1, 1, 1, 1})).result() == 0);
    CHECK(fed(Precision({.top_k = 4}), tensor({0, 0, 1, 1}), tensor({1, 1, 1, 1})).result() == 0.5);
    CHECK(fed(Recall(), tensor({0, 1, 1, 1}), tensor({1, 0, 1, 1})).result() == Approx(2.0 / 3));
    CHECK(fed(Recall(), tensor({0, 1, 1, 1}), tensor({1, 0, 1, 1}), tensor({0, 0, 1, 0})).result() == 1);
    const Tensor bits = tensor({0, 0, 0, 1, 1}), scores = tensor<double>({0, 0.3, 0.8, 0.3, 0.8});
    CHECK(fed(SensitivityAtSpecificity({.specificity = 0.5}), bits, scores).result() == 0.5);
    CHECK(fed(SensitivityAtSpecificity({.specificity = 0.5}), bits, scores, tensor({1, 1, 2, 2, 1})).result() ==
          Approx(1.0 / 3));
    CHECK(fed(SpecificityAtSensitivity({.sensitivity = 0.5}), bits, scores).result() == Approx(2.0 / 3));
    CHECK(fed(PrecisionAtRecall({.recall = 0.5}), bits, scores).result() == 0.5);
    CHECK(fed(RecallAtPrecision({.precision = 0.8}), tensor({0, 0, 1, 1}), p).result() == 0.5);
    CHECK(fed(MeanIoU({.num_classes = 2}), tensor({0, 0, 1, 1}), tensor({0, 1, 0, 1})).result() == Approx(1.0 / 3));
    CHECK(fed(BinaryIoU({.threshold = 0.3}), tensor({0, 1, 0, 1}), tensor<double>({0.1, 0.2, 0.4, 0.7})).result() ==
          Approx(1.0 / 3));
    CHECK(fed(R2Score(), tensor({{1}, {4}, {3}}), tensor({{2}, {4}, {4}})).result() == Approx(0.571428571));
    CHECK(fed(TopKCategoricalAccuracy({.k = 1}), tensor({{0, 0, 1}, {0, 1, 0}}),
              tensor<double>({{0.1, 0.9, 0.8}, {0.05, 0.95, 0}}))
              .result() == 0.5);
    const Tensor truth = tensor({{1, 1, 1}, {1, 0, 0}, {1, 1, 0}});
    const Tensor called = tensor<double>({{0.2, 0.6, 0.7}, {0.2, 0.6, 0.6}, {0.6, 0.8, 0.0}});
    CHECK(allclose(fed(FBetaScore({.beta = 2, .threshold = 0.5}), truth, called).value(),
                   tensor<double>({0.3846154, 0.90909094, 0.8333334}), {.rtol = 1e-6}));
    CHECK(allclose(fed(F1Score({.threshold = 0.5}), truth, called).value(), tensor<double>({0.5, 0.8, 0.6666667}),
                   {.rtol = 1e-6}));
}

TEST_CASE("correlations along several axes are those of the axes in one", "[metrics]") {
    const Tensor t = randn({2, 3, 4}, f64), p = randn({2, 3, 4}, f64);
    const auto both = [&](auto several, auto one) {
        several.update(t, p);
        one.update(reshape(t, {2, 12}), reshape(p, {2, 12}));
        CHECK(several.result() == Approx(one.result()).epsilon(1e-12));
    };
    both(PearsonCorrelation({.axis = {1, 2}}), PearsonCorrelation());
    both(ConcordanceCorrelation({.axis = {1, -1}}), ConcordanceCorrelation());
}
TEST_CASE("R2 and weighted counts hold where naive sums cancel", "[metrics]") {
    const Tensor small = tensor<double>({{1}, {2}, {4}}), off = tensor<double>({{1.5}, {2}, {3.5}});
    CHECK(fed(R2Score(), small + 1e9, off + 1e9).result() ==
          Approx(fed(R2Score(), small, off).result()).epsilon(1e-12));
    Precision precision;
    for (int i = 0; i < 1000; ++i) precision.update(ones({1}), ones({1}), full({1}, 0.1, f64));
    CHECK(precision.result() == 1);
}

TEST_CASE("metrics refuse in these words", "[metrics]") {
    const Tensor x = full({4, 3}, 0.5), row = full({4}, 0.5), labels = zeros({4}, i64);
    const auto make_it = [](auto f) { return std::function<void()>(f); };
    const std::pair<std::function<void()>, const char*> table[] = {
        {make_it([&] { fed(Accuracy(), x, row); }),
         "accuracy: expected y_true and y_pred of one shape, got (4, 3) and (4,)"},
        {make_it([&] { fed(BinaryAccuracy(), x, row); }),
         "binary_accuracy: expected y_true and y_pred of one shape, got (4, 3) and (4,)"},
        {make_it([&] { fed(SparseCategoricalAccuracy({.name = "mine"}), x, x); }),
         "mine: expected one label a row, got (4, 3) and (4, 3)"},
        {make_it([&] { fed(CategoricalAccuracy(), labels, x); }),
         "categorical_accuracy: expected y_true and y_pred of one shape, got (4,) and (4, 3)"},
        {make_it([&] { fed(AccuracyByShape(), x, row); }),
         "accuracy: expected y_true and y_pred of one shape, got (4, 3) and (4,)"},
        {make_it([&] { TopKCategoricalAccuracy({.k = 0}); }), "TopKCategoricalAccuracy: expected k > 0, got 0"},
        {make_it([&] { fed(SparseTopKCategoricalAccuracy(), labels + 3, x); }),
         "sparse_top_k_categorical_accuracy: expected labels in [0, 3), got 3"},
        {make_it([&] { fed(Precision(), x, x, zeros({3})); }),
         "precision: expected one sample_weight an example (4, 3), got (3,)"},
        {make_it([&] { fed(Precision(), x, 3 * x); }),
         "precision: expected predictions in [0, 1], got 1.5: of logits the loss must know, by from_logits = true"},
        {make_it([&] { fed(AUC(), x, x - 1); }),
         "auc: expected predictions in [0, 1], got -0.5: of logits the loss must know, by from_logits = true"},
        {make_it([&] { fed(Recall(), x, NAN * x); }), "recall: expected predictions other than NaN, got one at 0"},
        {make_it([&] { fed(Recall({.class_id = 3}), x, x); }),
         "recall: expected class_id below the number of classes, got 3 and y_pred (4, 3)"},
        {make_it([&] { fed(Recall({.top_k = 4}), x, x); }),
         "recall: expected y_pred (..., classes) with at least top_k 4 classes, got (4, 3)"},
        {make_it([&] { Recall({.top_k = 0}); }), "recall: expected top_k > 0, got 0"},
        {make_it([&] { Recall({.class_id = -1}); }), "recall: expected class_id >= 0, got -1"},
        {make_it([&] {
             TruePositives({.thresholds = {0.5, 2}});
         }),
         "true_positives: expected thresholds in [0, 1], got 2"},
        {make_it([&] {
             fed(Precision({.thresholds = {0.1, 0.5}}), row, row).result();
         }),
         "precision: expected one value, got (2,): value() gives them all"},
        {make_it([&] { AUC({.num_thresholds = 1}); }), "AUC: expected num_thresholds > 1, got 1"},
        {make_it([&] { AUC({.curve = "roc"}); }), "AUC: expected curve ROC, PR or PRGAIN, got roc"},
        {make_it([&] { AUC({.summation_method = "exact"}); }),
         "AUC: expected summation_method interpolation, minoring or majoring, got exact"},
        {make_it([&] { AUC({.num_labels = 3}); }), "AUC: expected multi_label beside num_labels, got none"},
        {make_it([&] { AUC({.thresholds = {-1}}); }), "AUC: expected thresholds in [0, 1], got -1"},
        {make_it([&] { fed(AUC({.multi_label = true, .num_labels = 2}), x, x); }), "auc: expected 2 labels, got 3"},
        {make_it([&] { fed(AUC({.multi_label = true}), row, row); }), "auc: expected y_pred (batch, labels), got (4,)"},
        {make_it([&] {
             fed(AUC({.multi_label = true, .label_weights = {1, 2}}), x, x);
         }),
         "auc: expected label_weights for each of 3 labels, got 2"},
        {make_it([&] { PrecisionAtRecall({.recall = 2}); }), "precision_at_recall: expected a rate in [0, 1], got 2"},
        {make_it([&] { PrecisionAtRecall({.num_thresholds = 0}); }),
         "precision_at_recall: expected num_thresholds > 0, got 0"},
        {make_it([&] { F1Score({.average = "mean"}); }),
         "f1_score: expected average micro, macro, weighted or none, got mean"},
        {make_it([&] { F1Score({.threshold = 2}); }), "f1_score: expected 0 < threshold <= 1, got 2"},
        {make_it([&] { FBetaScore({.beta = 0}); }), "fbeta_score: expected beta > 0, got 0"},
        {make_it([&] { fed(F1Score(), row, row); }),
         "f1_score: expected y_true and y_pred (batch, classes), got (4,) and (4,)"},
        {make_it([&] {
             fed(fed(F1Score(), x, x), zeros({4, 2}), zeros({4, 2}));
         }),
         "f1_score: expected 3 classes as before, got 2"},
        {make_it([&] { MeanIoU({.num_classes = 0}); }), "mean_io_u: expected num_classes > 0, got 0"},
        {make_it([&] { IoU({.num_classes = 3}); }), "io_u: expected at least one of target_class_ids, got none"},
        {make_it([&] { IoU({.num_classes = 3, .target_class_ids = {3}}); }),
         "io_u: expected target_class_ids in [0, 3), got 3"},
        {make_it([&] { fed(MeanIoU({.num_classes = 3}), labels, labels + 3); }),
         "mean_io_u: expected classes in [0, 3), got 3"},
        {make_it([&] { R2Score({.class_aggregation = "mean"}); }),
         "R2Score: expected class_aggregation uniform_average, variance_weighted_average or none, got mean"},
        {make_it([&] { R2Score({.num_regressors = -1}); }), "R2Score: expected num_regressors >= 0, got -1"},
        {make_it([&] {
             fed(R2Score(), zeros({2, 2, 2}), zeros({2, 2, 2}));
         }),
         "r2_score: expected y_pred (batch, outputs), got (2, 2, 2)"},
        {make_it([&] { fed(fed(R2Score(), x, x), row, row); }), "r2_score: expected 3 outputs as before, got 1"},
        {make_it([&] { fed(PearsonCorrelation(), x, row); }),
         "pearson_correlation: expected y_true and y_pred of one shape, got (4, 3) and (4,)"},
        {make_it([&] { confusion_matrix(labels, x - 0.25, {.num_classes = 2}); }),
         "confusion_matrix: expected classes in [0, 2), got 2"},
        {make_it([&] { confusion_matrix(labels, row); }), "confusion_matrix: expected class numbers, got 0.5"},
        {make_it([&] { confusion_matrix(labels, zeros({3})); }),
         "confusion_matrix: expected y_pred of y_true's shape, or scores (..., classes), got y_true (4,) and y_pred "
         "(3,)"},
        {make_it([&] { confusion_matrix(labels, labels, {.normalize = "rows"}); }),
         "confusion_matrix: expected normalize none, true, pred or all, got rows"},
        {make_it([&] { classification_report(labels, labels, {.digits = -1}); }),
         "classification_report: expected digits >= 0, got -1"},
    };
    for (const auto& [call, text] : table) CHECK_THROWS_WITH(call(), text);
}

TEST_CASE("a metric is a name, a loss, or a name and a function", "[metrics]") {
    const Tensor y = tensor({{0, 1}, {1, 0}}), p = tensor({{1, 1}, {1, 1}});
    const std::vector<Box<Metric>> metrics{
        "mse", MeanSquaredError(), CosineSimilarity(), {"largest", [](const Tensor& t, const Tensor& q) {
                                                            return max(abs(t - q));
                                                        }}};
    const char* names[] = {"mse", "mean_squared_error", "cosine_similarity", "largest"};
    const double values[] = {0.5, 0.5, std::sqrt(0.5), 1};
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        CHECK(metrics[i]->name() == names[i]);
        metrics[i]->update(y, p);
        CHECK(metrics[i]->result() == Approx(values[i]));
    }
    CHECK(metrics[0]->larger_is_better() == std::optional(false));
    CHECK(metrics[2]->larger_is_better() == std::optional(true));
    CHECK(!metrics[3]->larger_is_better());
    CHECK_THROWS_WITH(metrics[3]->update(zeros({3}), zeros({3, 1})),
                      "largest: expected y_true and y_pred of one shape, got (3,) and (3, 1)");
    for (const char* name : {"acc", "mae", "mape", "msle", "bce", "kld", "logcosh", "auc", "precision", "f1_score",
                             "fbeta_score", "r2_score", "rmse", "top_k_categorical_accuracy", "true_positives"})
        CHECK(make<Metric>(name)->name() == name);
    const Config config(Json{{"name", "area"}, {"curve", "PR"}});
    CHECK(make<Metric>("AUC", &config)->name() == "area");
}

TEST_CASE("in fit a metric gets probabilities, or logits if it says so, and no masked steps", "[metrics]") {
    Model model{Sequential{Input({1}), Dense(1, DenseOptions{.kernel_initializer = Ones()})}};
    model.compile({.loss = BinaryCrossentropy({.from_logits = true}),
                   .metrics = {"mean", "accuracy", AUC({.name = "area", .from_logits = true}),
                               BinaryCrossentropy({.from_logits = true})}});
    const Tensor x = tensor({{-2}, {-1}, {3}, {0.4}}), y = tensor({0, 1, 1, 1});
    const Logs logs = model.evaluate(x, y);
    CHECK(logs["mean"] == Approx(mean(sigmoid(x)).item()));
    CHECK(logs["accuracy"] == 0.75);
    CHECK(logs["area"] == 1);
    CHECK(logs["binary_crossentropy"] == Approx(logs["loss"]));

    Model steps{Sequential{[](const Tensor& in) {
        const Tensor out = 1 * in;
        out.set_mask(in(all, all, 0) > 0);
        return out;
    }}};
    steps.compile({.loss = "mse", .metrics = {"mae"}});
    const Tensor sequences = reshape(tensor({1, 2, 0, 5, 0, 0}), {2, 3, 1});
    CHECK(steps.evaluate(sequences, zeros({2, 3, 1}))["mae"] == Approx((1 + 2 + 5) / 3.0));
    CHECK_THROWS_WITH(steps.compile({.loss = "mse", .metrics = {F1Score()}}),
                      "f1_score: expected one value, got (0,): value() gives them all");
}

TEST_CASE("confusion matrix and report are those of scikit-learn's documentation", "[metrics]") {
    const auto integers = [](Nested<std::int64_t> values) { return tensor<std::int64_t>(values); };
    const Tensor t = integers({2, 0, 2, 2, 0, 1}), p = integers({0, 0, 2, 2, 0, 2});
    CHECK(array_equal(confusion_matrix(t, p), integers({{2, 0, 0}, {0, 0, 1}, {1, 0, 2}})));
    CHECK(array_equal(confusion_matrix(t, one_hot(p, 4), {.sample_weight = full({6}, 0.5)}),
                      tensor<double>({{1, 0, 0, 0}, {0, 0, 0.5, 0}, {0.5, 0, 1, 0}, {0, 0, 0, 0}})));
    CHECK(allclose(confusion_matrix(t, p, {.num_classes = 4, .normalize = "true"})[2],
                   tensor<double>({1.0 / 3, 0, 2.0 / 3, 0})));
    CHECK(sum(confusion_matrix(t, p, {.normalize = "all"})).item() == Approx(1));
    CHECK(classification_report(integers({0, 1, 2, 2, 2}), integers({0, 0, 2, 2, 1}),
                                {.names = {"class 0", "class 1", "class 2"}}) ==
          "              precision    recall  f1-score   support\n"
          "\n"
          "     class 0       0.50      1.00      0.67         1\n"
          "     class 1       0.00      0.00      0.00         1\n"
          "     class 2       1.00      0.67      0.80         3\n"
          "\n"
          "    accuracy                           0.60         5\n"
          "   macro avg       0.50      0.56      0.49         5\n"
          "weighted avg       0.70      0.60      0.61         5\n");
}
