// What golden files do not say about normalization and attention: frozen layers, masks, refusals in their words.
#include <functional>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
struct Refusal {
    std::function<void()> call;
    const char* text;
};
void check(const std::vector<Refusal>& rows) {
    for (const Refusal& row : rows) CHECK_THROWS_WITH(row.call(), row.text);
}
double apart(const Tensor& a, const Tensor& b) { return max(abs(a - b)).item(); }
std::vector<Tensor> values(const Module& m) {
    std::vector<Tensor> all;
    for (auto& [name, value] : m.state()) all.push_back(value.detach().copy());
    return all;
}
}  // namespace

TEST_CASE("a frozen BatchNormalization neither learns nor uses the batch", "[nn]") {
    BatchNormalization norm({.momentum = 0.5});
    const Tensor x = normal(RandomKey{1, 1}, {50, 3}, 4, 2);
    {
        Training mode;
        norm(x);
    }
    const auto before = values(norm);
    const Tensor inference = norm(x);
    norm.freeze();
    CHECK(norm.parameters().empty());
    Training mode;
    CHECK(array_equal(norm(x), inference));
    const auto after = values(norm);
    for (std::size_t i = 0; i < before.size(); ++i) CHECK(array_equal(after[i], before[i]));
    norm.freeze(false);
    CHECK(apart(norm(x), inference) > 0.1);
}
TEST_CASE("moving statistics come to those of the data", "[nn]") {
    BatchNormalization norm({.momentum = 0.5});
    const Tensor x = normal(RandomKey{1, 2}, {4000, 2}, 4, 2);
    {
        Training mode;
        for (int i = 0; i < 40; ++i) norm(x);
    }
    const auto state = values(norm);
    CHECK(apart(state[2], mean(x, 0)) < 1e-5);
    CHECK(apart(state[3], var(x, 0)) < 1e-4);  // the biased one
    CHECK(apart(mean(norm(x), 0), zeros({2})) < 1e-4);
}
TEST_CASE("steps that a mask leaves out do not enter the moving statistics", "[nn]") {
    BatchNormalization with({.momentum = 0}), without({.momentum = 0});
    const Tensor x = normal(RandomKey{1, 3}, {2, 3, 2}, 1, 2), padded = concatenate({x, full({2, 2, 2}, 1000)}, 1);
    padded.set_mask(concatenate({full({2, 3}, 1, boolean), full({2, 2}, 0, boolean)}, 1));
    Training mode;
    with(padded), without(x);
    const auto a = values(with), b = values(without);
    CHECK(apart(a[2], b[2]) < 1e-4);
    CHECK(apart(a[3], b[3]) < 1e-3);
}

TEST_CASE("a padded batch attends as each of its sequences alone", "[nn]") {
    set_seed(3);
    MultiHeadAttention attention(2, 3);
    const Tensor x = randn({1, 4, 5}), padded = concatenate({x, full({1, 3, 5}, 100)}, 1);
    const Tensor alone = attention(x);
    padded.set_mask(concatenate({full({1, 4}, 1, boolean), full({1, 3}, 0, boolean)}, 1));
    const Tensor y = attention(padded);
    CHECK(apart(y(all, Slice(0, 4)), alone) < 1e-6);
    CHECK(y.mask().defined());
    const auto [same, weights] = attention.attend_with_weights(padded, padded);
    CHECK(apart(same, y) < 1e-6);
    CHECK(weights.shape() == Shape{1, 2, 7, 7});
    CHECK(max(abs(weights(all, all, all, Slice(4)))).item() == 0);
}
TEST_CASE("causal attention does not see what comes", "[nn]") {
    set_seed(4);
    TransformerDecoder decoder({.intermediate_dim = 8, .num_heads = 2, .normalize_first = true});
    const Tensor x = randn({2, 5, 4});
    Tensor changed = x.copy();
    changed(all, Slice(3)) = 7;
    const Tensor a = decoder(x), b = decoder(changed);
    CHECK(array_equal(a(all, Slice(0, 3)), b(all, Slice(0, 3))));
    CHECK(apart(a(all, Slice(3)), b(all, Slice(3))) > 0.01);
    TransformerEncoder encoder({.intermediate_dim = 8, .num_heads = 2});
    CHECK(apart(encoder(x)(all, Slice(0, 3)), encoder(changed)(all, Slice(0, 3))) > 0.01);
    const Tensor first = encoder.encode(x, {.causal = true}), second = encoder.encode(changed, {.causal = true});
    CHECK(array_equal(first(all, Slice(0, 3)), second(all, Slice(0, 3))));
}
TEST_CASE("a sliding window reaches as far as it says", "[nn]") {
    set_seed(5);
    MultiHeadAttention attention({.num_heads = 1, .key_dim = 2, .sliding_window = 2});
    const Tensor weights = attention.attend_with_weights(randn({1, 5, 3}), randn({1, 5, 3})).weights;
    for (int i = 0; i < 5; ++i)
        for (int j = 0; j < 5; ++j) CHECK((weights(0, 0, i, j).item() > 0) == (std::abs(i - j) < 2));
}
TEST_CASE("rotated queries and keys meet by their distance", "[nn]") {
    RotaryEmbedding rotary;
    const Tensor q = broadcast_to(normal(RandomKey{2, 1}, {8}, 0, 1, f64), {1, 6, 8}),
                 k = broadcast_to(normal(RandomKey{2, 2}, {8}, 0, 1, f64), {1, 6, 8});
    const Tensor scores = matmul(rotary(q), rotary(k), {.transpose_b = true})[0];
    for (int i = 1; i < 6; ++i)
        for (int j = 1; j < 6; ++j) CHECK(scores(i, j).item() == Approx(scores(i - 1, j - 1).item()));
    CHECK(apart(rotary.rotate(q(all, Slice(2)), 2), rotary(q)(all, Slice(2))) < 1e-14);
    CHECK(apart(norm(rotary(q), -1), norm(q, -1)) < 1e-14);
}
TEST_CASE("sine positions are Vaswani's", "[nn]") {
    const Tensor p = SinePositionEncoding()(zeros({1, 3, 5}, f64))[0];
    for (int i = 0; i < 3; ++i)
        for (int f = 0; f < 5; ++f) {
            const double angle = i / std::pow(10000., 2. * (f / 2) / 5.);
            CHECK(p(i, f).item() == Approx(f % 2 ? std::cos(angle) : std::sin(angle)).margin(1e-15));
        }
}
TEST_CASE("SpectralNormalization brings the largest singular value to 1", "[nn]") {
    set_seed(6);
    SpectralNormalization layer(Dense(4), {.power_iterations = 30});
    const Tensor x = randn({2, 6});
    const Tensor before = layer(x);  // in inference the kernel stays
    CHECK(array_equal(layer(x), before));
    Training mode;
    layer(x);
    for (auto& [name, value] : layer.named_parameters())
        if (name == "layer.kernel") CHECK(svdvals(value)[0].item() == Approx(1).epsilon(1e-5));
    CHECK_THROWS_WITH(SpectralNormalization(Dropout(0.5))(x),
                      "SpectralNormalization: expected a layer with a kernel or embeddings, got Dropout");
}

TEST_CASE("normalization and attention refuse in these words", "[refusals]") {
    const Tensor x = zeros({2, 3}), q = zeros({1, 2, 3, 4}), three = zeros({3}), wide = zeros({2, 5, 4});
    check({
        {[&] { layer_norm(x, zeros({2})); }, "layer_norm: expected gamma of shape (3,), got (2,) for x (2, 3)"},
        {[&] { layer_norm(x, three.to(f64)); }, "layer_norm: expected gamma of x's dtype float32, got float64"},
        {[&] { layer_norm(x, {}, {}, {.epsilon = -1}); }, "layer_norm: expected epsilon >= 0, got -1"},
        {[&] {
             layer_norm(zeros({2, 0}));
         },
         "layer_norm: expected at least one element along the axes, got shape (2, 0)"},
        {[&] {
             rms_norm(x, zeros({2, 3}));
         },
         "rms_norm: expected scale of shape (3,), got (2, 3) for x (2, 3)"},
        {[&] { group_norm(x, {}, {}, {.groups = 2}); }, "group_norm: expected channels in 2 equal groups, got 3"},
        {[&] { group_norm(three); }, "group_norm: expected x (batch, ..., channels), got (3,)"},
        {[&] { group_norm(x, {}, {}, {.groups = 1, .axis = 0}); },
         "group_norm: expected a channel axis other than the batch's, got 0"},
        {[&] {
             batch_norm(zeros({0, 3}));
         },
         "batch_norm: expected at least one element a channel, got shape (0, 3)"},
        {[&] { batch_norm(x, {}, {}, {.mask = zeros({3}, boolean)}); },
         "batch_norm: expected a mask of x's leading axes, got (3,) for x (2, 3)"},
        {[&] { scaled_dot_product_attention(q, q, x); },
         "scaled_dot_product_attention: expected (batch, heads, steps, features), got query (1, 2, 3, 4), key (1, 2, "
         "3, 4) and value (2, 3)"},
        {[&] {
             scaled_dot_product_attention(q, zeros({1, 2, 3, 5}), q);
         },
         "scaled_dot_product_attention: expected query and key of equal features, got query (1, 2, 3, 4), key (1, 2, "
         "3, 5) and value (1, 2, 3, 4)"},
        {[&] {
             scaled_dot_product_attention(q, zeros({1, 2, 5, 4}), q);
         },
         "scaled_dot_product_attention: expected a value for every key, got query (1, 2, 3, 4), key (1, 2, 5, 4) and "
         "value (1, 2, 3, 4)"},
        {[&] {
             scaled_dot_product_attention(q, zeros({1, 3, 3, 4}), zeros({1, 3, 3, 4}));
         },
         "scaled_dot_product_attention: expected heads of key and value that divide those of the query, got query (1, "
         "2, 3, 4), key (1, 3, 3, 4) and value (1, 3, 3, 4)"},
        {[&] { scaled_dot_product_attention(q, q, q.to(f64)); },
         "scaled_dot_product_attention: expected one dtype, got query float32, key float32 and value float64"},
        {[&] {
             scaled_dot_product_attention(q, q, q, {.mask = zeros({3, 3})});
         },
         "scaled_dot_product_attention: expected a mask of dtype bool, got float32"},
        {[&] {
             scaled_dot_product_attention(q, q, q, {.mask = zeros({2, 3}, boolean)});
         },
         "scaled_dot_product_attention: expected a mask that broadcasts to (1, 2, 3, 3), got (2, 3)"},
        {[&] { scaled_dot_product_attention(q, q, q, {.dropout = 2}); },
         "scaled_dot_product_attention: expected 0 <= dropout <= 1, got 2"},
        {[&] { scaled_dot_product_attention(q, q, q, {.window = 0}); },
         "scaled_dot_product_attention: expected window > 0, got 0"},
        {[&] { BatchNormalization({.momentum = 1.5}); }, "BatchNormalization: expected 0 <= momentum <= 1, got 1.5"},
        {[&] { BatchNormalization({.epsilon = 0}); }, "BatchNormalization: expected epsilon > 0, got 0"},
        {[&] { BatchNormalization()(three); }, "BatchNormalization: expected input (batch, ..., channels), got (3,)"},
        {[&] {
             BatchNormalization norm;
             norm(x), norm(wide);
         },
         "BatchNormalization: expected axis -1 of 3, got input (2, 5, 4)"},
        {[&] {
             const Training mode;
             const Tensor masked = zeros({2, 3, 4});
             masked.set_mask(ones({2, 3}, boolean));
             BatchNormalization({.axis = 1, .unbiased = true})(masked);
         },
         "BatchNormalization: expected a mask before the channels for an unbiased variance, got (2, 3) for input (2, "
         "3, 4)"},
        {[&] { GroupNormalization({.groups = 0}); }, "GroupNormalization: expected groups > 0, or -1, got 0"},
        {[&] { MultiHeadAttention(0, 3); }, "MultiHeadAttention: expected num_heads > 0, got 0"},
        {[&] { MultiHeadAttention(2, 0); }, "MultiHeadAttention: expected key_dim > 0, got 0"},
        {[&] { MultiHeadAttention(2, 3)(x); },
         "MultiHeadAttention: expected query (batch, steps, features), got (2, 3)"},
        {[&] { MultiHeadAttention({.num_heads = 2, .key_dim = 3, .sliding_window = 0}); },
         "MultiHeadAttention: expected sliding_window > 0, got 0"},
        {[&] { GroupQueryAttention({.head_dim = 2, .num_query_heads = 3, .num_key_value_heads = 2}); },
         "GroupQueryAttention: expected num_key_value_heads to divide num_query_heads 3, got 2"},
        {[&] { Attention({.score_mode = "product"}); },
         "Attention: expected score_mode dot or concat, got \"product\""},
        {[&] { Attention()(x, x); },
         "Attention: expected query, value and key (batch, steps, features), got (2, 3), (2, 3) and (2, 3)"},
        {[&] { AdditiveAttention({.dropout = -1}); }, "AdditiveAttention: expected 0 <= dropout <= 1, got -1"},
        {[&] { TransformerEncoder({.intermediate_dim = 4, .num_heads = 3})(wide); },
         "TransformerEncoder: expected input (batch, steps, features) of 3 heads of equal size, got (2, 5, 4)"},
        {[&] { TransformerDecoder({.intermediate_dim = 4, .num_heads = 2})(wide, wide); },
         "TransformerDecoder: expected 1 inputs with cross_attention false, got 2"},
        {[&] { PositionEmbedding(3)(wide); },
         "PositionEmbedding: expected input (batch, steps <= 3, 4), got (2, 5, 4)"},
        {[&] {
             RotaryEmbedding()(zeros({2, 5, 3}));
         },
         "RotaryEmbedding: expected an even number of features along axis -1, got (2, 5, 3)"},
    });
}
TEST_CASE("einsum and decompositions refuse in these words", "[refusals]") {
    const Tensor a = zeros({2, 3}), b = zeros({4, 2});
    check({
        {[&] { einsum("ij,jk->ik", a); }, "einsum: expected 2 operands for \"ij,jk->ik\", got 1"},
        {[&] { einsum("ij,jk->ik", a, b); }, "einsum: expected equal extents for 'j' of \"ij,jk->ik\", got 3 and 4"},
        {[&] { einsum("ii->i", a); }, "einsum: expected equal extents for 'i' of \"ii->i\", got 2 and 3"},
        {[&] { einsum("ijk->i", a); }, "einsum: expected operand 0 of \"ijk->i\" with exactly 3 axes, got (2, 3)"},
        {[&] { einsum("...ijk->i", a); },
         "einsum: expected operand 0 of \"...ijk->i\" with at least 3 axes, got (2, 3)"},
        {[&] { einsum("ij->k", a); },
         "einsum: expected each letter of the result once and in an operand, got \"ij->k\""},
        {[&] { einsum("i=j", a); }, "einsum: expected an equation such as \"ij,jk->ik\", got \"i=j\""},
        {[&] { EinsumDense({.equation = "ab->c"}); },
         "EinsumDense: expected an equation such as \"abc,cd->abd\", got \"ab->c\""},
        {[&] { EinsumDense({.equation = "ab,bc->ac"})(a); },
         "EinsumDense: expected an extent for 'c' of the kernel, got equation \"ab,bc->ac\""},
        {[&] { inv(a); }, "inv: expected square matrices (..., n, n), got a (2, 3)"},
        {[&] {
             inv(zeros({2, 2, 2}));
         },
         "inv: expected matrices with an inverse, got a singular one at 0"},
        {[&] {
             solve(eye(2), zeros({3, 1}));
         },
         "solve: expected b (..., n, k) for a (..., n, n), got a (2, 2) and b (3, 1)"},
        {[&] {
             solve(zeros({2, 2}), eye(2));
         },
         "solve: expected matrices with an inverse, got a singular one at 0"},
        {[&] { cholesky(-1 * eye(2)); }, "cholesky: expected positive definite matrices, got another at 0"},
        {[&] { svdvals(zeros({3})); }, "svd: expected matrices (..., m, n), got a (3,)"},
        {[&] {
             const Tensor wide = tensor({{1, 2, 3}, {4, 5, 7}}).require_grad();
             grad(sum(qr(wide).r), wide);
         },
         "backward of qr: expected m >= n, got a (2, 3)"},
    });
}
