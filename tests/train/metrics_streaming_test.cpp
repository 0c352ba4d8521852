// Every metric: batches give what all rows at once give, a weight of 2 is the row twice, a mask is the row left out,
// a reset is a new beginning, and a configuration makes the same metric again.
#include <cmath>
#include <set>
#include "../../nn/settings.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
enum class Data { real, positive, binary, bits, one_hot, labels, top_k, classes, scalars, signs };
struct Row {
    const char *name, *config = "{}";
    Data data = Data::real;
    bool by_rows = true;  // each row counts on its own
};
const Row rows[] = {
    {"accuracy", "{}", Data::labels},
    {"Accuracy", "{}", Data::classes},
    {"BinaryAccuracy", R"({"threshold": 0.4})", Data::bits},
    {"CategoricalAccuracy", "{}", Data::one_hot},
    {"SparseCategoricalAccuracy", "{}", Data::labels},
    {"TopKCategoricalAccuracy", R"({"k": 2})", Data::one_hot},
    {"SparseTopKCategoricalAccuracy", R"({"k": 2})", Data::labels},
    {"SparseTopKCategoricalAccuracy", R"({"k": 2, "from_sorted_ids": true})", Data::top_k},
    {"MeanSquaredError"},
    {"MeanAbsoluteError"},
    {"MeanAbsolutePercentageError", "{}", Data::positive},
    {"MeanSquaredLogarithmicError", "{}", Data::positive},
    {"LogCosh"},
    {"Huber", R"({"delta": 0.5})"},
    {"QuadraticCost"},
    {"KLDivergence", "{}", Data::one_hot},
    {"Poisson", "{}", Data::positive},
    {"BinaryCrossentropy", R"({"label_smoothing": 0.1})", Data::bits},
    {"CategoricalCrossentropy", R"({"from_logits": true})", Data::one_hot},
    {"SparseCategoricalCrossentropy", "{}", Data::labels},
    {"BinaryFocalCrossentropy", "{}", Data::bits},
    {"CategoricalFocalCrossentropy", R"({"alpha": 0.3})", Data::one_hot},
    {"CategoricalGeneralizedCrossEntropy", "{}", Data::labels},
    {"Hinge", "{}", Data::signs},
    {"SquaredHinge", "{}", Data::signs},
    {"CategoricalHinge", "{}", Data::one_hot},
    {"Dice", R"({"axis": 1})", Data::bits},
    {"Tversky", R"({"axis": 1})", Data::bits},
    {"CosineSimilarity"},
    {"RootMeanSquaredError"},
    {"Mean", "{}", Data::scalars},
    {"Sum", "{}", Data::scalars},
    {"TruePositives", R"({"thresholds": [0.7, 0.2]})", Data::bits},
    {"TrueNegatives", "{}", Data::bits},
    {"FalsePositives", "{}", Data::bits},
    {"FalseNegatives", "{}", Data::binary},
    {"Precision", R"({"top_k": 2, "class_id": 1})", Data::bits},
    {"Recall", R"({"thresholds": [0.3, 0.6]})", Data::binary},
    {"AUC", "{}", Data::binary},
    {"AUC", R"({"curve": "PR", "multi_label": true, "num_thresholds": 30})", Data::bits},
    {"AUC", R"({"multi_label": true, "num_labels": 3, "label_weights": [1, 2, 3], "summation_method": "majoring"})",
     Data::bits},
    {"SensitivityAtSpecificity", R"({"specificity": 0.4, "class_id": 2})", Data::bits},
    {"SpecificityAtSensitivity", R"({"sensitivity": 0.4})", Data::binary},
    {"PrecisionAtRecall", R"({"recall": 0.4, "num_thresholds": 50})", Data::binary},
    {"RecallAtPrecision", R"({"precision": 0.4})", Data::binary},
    {"FBetaScore", R"({"beta": 2.0, "average": "weighted"})", Data::one_hot},
    {"F1Score", R"({"threshold": 0.4})", Data::bits},
    {"F1Score", R"({"average": "micro"})", Data::one_hot},
    {"IoU", R"({"num_classes": 3, "target_class_ids": [0, 2]})", Data::classes},
    {"MeanIoU", R"({"num_classes": 3, "ignore_class": 1})", Data::classes},
    {"OneHotIoU", R"({"num_classes": 3, "target_class_ids": [1]})", Data::one_hot},
    {"OneHotMeanIoU", R"({"num_classes": 3})", Data::one_hot},
    {"BinaryIoU", R"({"threshold": 0.3})", Data::binary},
    {"R2Score", R"({"class_aggregation": "variance_weighted_average"})"},
    {"R2Score", R"({"num_regressors": 2})", Data::real, false},  // counts elements, weighted or not
    {"PearsonCorrelation"},
    {"ConcordanceCorrelation"},
};
Tensor spread(const Shape& shape, double low, double high, double phase) {
    const Tensor turn = mod(0.6180339887498949 * (arange(shape.numel()).to(f64) + phase), 1);
    return reshape(low + (high - low) * turn, shape);
}
std::pair<Tensor, Tensor> drawn(Data kind, std::int64_t n) {
    const Shape s{n, 3};
    const Tensor shares = spread(s, 0.05, 0.95, 1.3), labels = floor(3 * spread({n}, 0, 1, 5.1)).to(i64);
    switch (kind) {
        case Data::real:
            return {spread(s, -2, 2, 7.1), spread(s, -2, 2, 1.3)};
        case Data::positive:
            return {spread(s, 0.2, 3, 7.1), spread(s, 0.3, 3, 1.3)};
        case Data::binary:
            return {(spread({n}, -1, 1, 7.1) > 0).to(f64), spread({n}, 0, 1, 2.3)};
        case Data::bits:
            return {(spread(s, -1, 1, 7.1) > 0).to(f64), shares};
        case Data::one_hot:
            return {one_hot(labels, 3, f64), shares};
        case Data::labels:
            return {labels, shares};
        case Data::top_k:
            return {labels, argsort(shares)};
        case Data::classes:
            return {labels, floor(3 * spread({n}, 0, 1, 2.2)).to(i64)};
        case Data::scalars:
            return {spread({n}, -2, 2, 7.1), spread({n}, -2, 2, 1.3)};
        case Data::signs:
            return {where(spread(s, -1, 1, 7.1) > 0, ones(s, f64), -1), spread(s, -1.5, 1.5, 1.3)};
    }
    return {};
}
Tensor measured(Metric& metric, const Tensor& y_true, const Tensor& y_pred, const Tensor& weight = {}) {
    metric.reset();
    metric.update(y_true, y_pred, weight);
    return metric.value();
}
bool same(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && allclose(a, b, {.rtol = 1e-12, .atol = 1e-12, .equal_nan = true});
}
}  // namespace

TEST_CASE("every metric adds up batches, counts weights and masks, starts anew, and is written down", "[metrics]") {
    constexpr std::int64_t n = 12;
    for (const Row& row : rows) {
        INFO(row.name << ' ' << row.config);
        const Config config{Json::parse(row.config)};
        const auto metric = make<Metric>(row.name, &config);
        const auto [y_true, y_pred] = drawn(row.data, n);
        const Tensor whole = measured(*metric, y_true, y_pred), weight = spread({n}, 0, 2, 3.1);

        metric->reset();
        for (auto [first, last] : {std::pair{0, 5}, {5, 6}, {6, 12}})
            metric->update(slice(y_true, first, last), slice(y_pred, first, last));
        CHECK(same(metric->value(), whole));
        const Tensor weighted = measured(*metric, y_true, y_pred, weight);
        metric->reset();
        for (auto [first, last] : {std::pair{0, 5}, {5, 12}})
            metric->update(slice(y_true, first, last), slice(y_pred, first, last), slice(weight, first, last));
        CHECK(same(metric->value(), weighted));

        CHECK(same(measured(*metric, y_true, y_pred, ones({n})), whole));
        if (row.by_rows) {
            const Tensor often = tensor<std::int64_t>({0, 0, 1, 3, 4, 4, 4, 6, 8, 9, 10, 11});
            Tensor times = zeros({n}, f64);
            for (auto i : often.data<std::int64_t>()) times.raw<double>()[i] += 1;
            CHECK(same(measured(*metric, y_true, y_pred, times),
                       measured(*metric, take(y_true, often), take(y_pred, often))));
            const Tensor real_rows = arange(n) < 7, masked = y_pred.copy();
            masked.set_mask(real_rows);
            CHECK(same(measured(*metric, y_true, masked), measured(*metric, slice(y_true, 0, 7), slice(y_pred, 0, 7))));
        }
        const Box<Metric> copy = metric;
        copy->reset();
        CHECK(same(measured(*copy, y_true, y_pred), whole));

        const Json written = value(metric);
        const Config settings{written["config"]};
        const auto again = make<Metric>(written["class_name"].get<std::string>().c_str(), &settings);
        CHECK(value(again) == written);
        CHECK(again->name() == metric->name());
        CHECK(same(measured(*again, y_true, y_pred), whole));
        CHECK(again->larger_is_better() == metric->larger_is_better());
    }
}
TEST_CASE("every metric has a row in the table", "[metrics]") {
    const std::set<std::string> of_pairs{"Circle", "CTC"};  // of the pairs of a batch; of sequences
    std::set<std::string> names;
    for (const Row& row : rows) names.insert(row.name);
    for (const auto& e : table<Metric>()) {
        INFO(e.name);
        CHECK((names.contains(e.name) || of_pairs.contains(e.name)));
    }
}
