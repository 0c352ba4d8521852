// Every loss in float64: its gradient and its gradient's gradient against numeric derivatives.
#include <set>
#include "../../nn/settings.h"
#include "../../xgrad.h"
#include "../../xgrad_catch.h"
#include "../catch.h"
using namespace xg;

namespace {
enum class Data { real, positive, shares, signs, bits, one_hot, labels, pairs, spelling };
struct Row {
    const char *name, *config = "{}";
    Data data = Data::real;
    bool of_targets = false;  // y_true has a gradient too
};
const Row rows[] = {
    {"MeanSquaredError", "{}", Data::real, true},
    {"MeanAbsoluteError", "{}", Data::real, true},
    {"MeanAbsolutePercentageError", "{}", Data::positive, true},
    {"MeanSquaredLogarithmicError", "{}", Data::positive, true},
    {"LogCosh", "{}", Data::real, true},
    {"Huber", R"({"delta": 0.6})", Data::real, true},
    {"QuadraticCost", "{}", Data::real, true},
    {"KLDivergence", "{}", Data::shares, true},
    {"Poisson", "{}", Data::positive, true},
    {"BinaryCrossentropy", R"({"label_smoothing": 0.1})", Data::shares, true},
    {"BinaryCrossentropy", R"({"from_logits": true})", Data::real, true},
    {"CategoricalCrossentropy", R"({"axis": 0})", Data::shares, true},
    {"CategoricalCrossentropy", R"({"from_logits": true, "label_smoothing": 0.2})", Data::real, true},
    {"SparseCategoricalCrossentropy", "{}", Data::labels},
    {"SparseCategoricalCrossentropy", R"({"from_logits": true, "ignore_class": 1})", Data::labels},
    {"crossentropy", "{}", Data::one_hot},
    {"BinaryFocalCrossentropy", R"({"apply_class_balancing": true, "gamma": 3})", Data::bits},
    {"BinaryFocalCrossentropy", R"({"from_logits": true})", Data::bits},
    {"CategoricalFocalCrossentropy", R"({"alpha": [0.2, 0.3, 0.5]})", Data::one_hot},
    {"CategoricalFocalCrossentropy", R"({"from_logits": true, "gamma": 1.5})", Data::one_hot},
    {"CategoricalGeneralizedCrossEntropy", R"({"q": 0.7})", Data::labels},
    {"Hinge", "{}", Data::signs},
    {"Hinge", "{}", Data::bits},
    {"SquaredHinge", "{}", Data::signs},
    {"CategoricalHinge", "{}", Data::one_hot},
    {"Dice", "{}", Data::shares, true},
    {"Dice", R"({"axis": 1})", Data::shares, true},
    {"Tversky", R"({"alpha": 0.3, "beta": 0.7})", Data::shares, true},
    {"CosineSimilarity", "{}", Data::real, true},
    {"CosineSimilarity", R"({"axis": 0})", Data::real, true},
    {"Circle", R"({"gamma": 3, "margin": 0.2})", Data::pairs},
    {"CTC", "{}", Data::spelling},
};
Tensor spread(const Shape& shape, double low, double high, double phase) {
    const Tensor turn = mod(0.6180339887498949 * (arange(shape.numel()).to(f64) + phase), 1);
    return reshape(low + (high - low) * turn, shape);
}
std::pair<Tensor, Tensor> drawn(Data kind) {
    const Shape s{4, 3};
    const Tensor real = spread(s, -2, 2, 1.3), shares = spread(s, 0.1, 0.9, 1.3);
    const Tensor labels = tensor<std::int64_t>({2, 0, 1, 2});
    switch (kind) {
        case Data::real:
            return {spread(s, -2, 2, 7.1), real};
        case Data::positive:
            return {spread(s, 0.2, 3, 7.1), spread(s, 0.3, 3, 1.3)};
        case Data::shares:
            return {spread(s, 0.1, 0.9, 7.1), shares};
        case Data::signs:
            return {where(spread(s, -1, 1, 7.1) > 0, ones(s, f64), -1), spread(s, -1.5, 1.5, 1.3)};
        case Data::bits:
            return {(spread(s, -1, 1, 7.1) > 0).to(f64), shares};
        case Data::one_hot:
            return {one_hot(labels, 3, f64), shares};
        case Data::labels:
            return {labels, shares};
        case Data::pairs:
            return {tensor<std::int64_t>({0, 1, 0, 1}), real / norm(real, 1, {.keepdims = true})};
        case Data::spelling:
            return {tensor<std::int64_t>({{1, 1}, {2, 0}}), spread({2, 4, 3}, -2, 2, 1.3)};
    }
    return {};
}
}  // namespace

TEST_CASE("every loss has the right gradients", "[losses]") {
    for (const Row& row : rows) {
        INFO(row.name << ' ' << row.config);
        const Config config{Json::parse(row.config)};
        const auto loss = make<Loss>(row.name, &config);
        const auto [t, p] = drawn(row.data);
        const Tensor y_true = t, y_pred = p;
        const Tensor weight = tensor<double>({0.5, 2, 0, 1})(Slice(0, y_pred.shape()[0]));
        const auto one = [&](const Tensor& x) { return (*loss)(y_true, x); };
        const auto both = [&](const Tensor& y, const Tensor& x) { return (*loss)(y, x); };
        CHECK_THAT(gradcheck(one, y_pred, {.order = 2, .rtol = 1e-5}), GradientsAgree());
        if (row.of_targets) CHECK_THAT(gradcheck(both, {y_true, y_pred}), GradientsAgree());
        if (loss->each(y_true, y_pred).shape() == weight.shape())
            CHECK_THAT(gradcheck([&](const Tensor& x) { return (*loss)(y_true, x, weight); }, y_pred),
                       GradientsAgree());
    }
}
TEST_CASE("every loss has a row in the gradient table", "[losses]") {
    std::set<std::string> names;
    for (const Row& row : rows) names.insert(row.name);
    for (const auto& e : table<Loss>()) {
        INFO(e.name);
        CHECK(names.contains(e.name));
    }
}

TEST_CASE("PyTorch's losses have the right gradients", "[losses]") {
    const Shape s{4, 3};
    const Tensor x = spread(s, -2, 2, 1.3), t = spread(s, -2, 2, 7.1), v = spread(s, 0.3, 2, 3.3);
    const Tensor labels = tensor<std::int64_t>({2, 0, 1, 2}), signs = tensor<double>({1, -1, 1, -1});
    const std::vector<double> weight{0.5, 1, 2};
    using F = TensorFunction;
    const std::vector<std::tuple<const char*, F, Tensors>> table{
        {"nll_loss", [&](auto& i) { return nll_loss(i[0], labels, {.weight = weight, .ignore_index = 1}); }, {x}},
        {"cross_entropy",
         [&](auto& i) { return cross_entropy(i[0], labels, {.weight = weight, .label_smoothing = 0.1}); },
         {x}},
        {"binary_cross_entropy_with_logits",
         [&](auto& i) { return binary_cross_entropy_with_logits(i[0], i[1], {.pos_weight = weight}); },
         {x, v / 3}},
        {"kl_div", [](auto& i) { return kl_div(i[0], i[1], {.reduction = "batchmean"}); }, {x, v}},
        {"kl_div of logarithms", [](auto& i) { return kl_div(i[0], i[1], {.log_target = true}); }, {x, t}},
        {"poisson_nll_loss", [](auto& i) { return poisson_nll_loss(i[0], i[1], {.full = true}); }, {x, 2 * v}},
        {"poisson_nll_loss of rates",
         [](auto& i) { return poisson_nll_loss(i[0], i[1], {.log_input = false, .reduction = "sum"}); },
         {v, 2 * v}},
        {"gaussian_nll_loss", [](auto& i) { return gaussian_nll_loss(i[0], i[1], i[2], {.full = true}); }, {x, t, v}},
        {"triplet_margin_loss",
         [](auto& i) { return triplet_margin_loss(i[0], i[1], i[2], {.margin = 2}); },
         {x, t, v}},
        {"triplet_margin_loss, p = 3, swap",
         [](auto& i) { return triplet_margin_loss(i[0], i[1], i[2], {.margin = 2, .p = 3, .swap = true}); },
         {x, t, v}},
        {"margin_ranking_loss",
         [&](auto& i) { return margin_ranking_loss(i[0], i[1], signs, {.margin = 0.4}); },
         {x(all, 0), t(all, 1)}},
        {"cosine_embedding_loss",
         [&](auto& i) { return cosine_embedding_loss(i[0], i[1], signs, {.margin = -0.9}); },
         {x, t}},
    };
    for (const auto& [name, f, inputs] : table) {
        INFO(name);
        CHECK_THAT(gradcheck(f, inputs), GradientsAgree());
    }
}
