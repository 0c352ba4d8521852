#include "../gradient_table.h"

namespace xg::test {

namespace {
/// Far from singular, with different eigenvalues.
Tensor regular(const Tensor& x) {
    const auto n = x.shape().back();
    return x + 4 * eye(n, -1, f64) * arange(1, 1 + n, 1, f64);
}
/// Independent columns of different lengths.
Tensor tall(const Tensor& x) {
    return x + 4 * eye(x.shape()[x.rank() - 2], x.shape().back(), f64) * arange(1, 1 + x.shape().back(), 1, f64);
}
}  // namespace

const std::vector<GradientRow>& decomposition_rows() {
    static const std::vector<Shapes> square{{{2, 3, 3}}, {{2, 2}}};
    static const std::vector<GradientRow> rows{
        {"solve", [](auto& x) { return solve(regular(x[0]), x[1]); }, {{{2, 3, 3}, {2, 3, 2}}, {{2, 2}, {2, 2, 1}}}},
        {"inv", [](auto& x) { return inv(regular(x[0])); }, square},
        {"det", [](auto& x) { return 0.1 * det(regular(x[0])); }, square},
        {"slogdet", [](auto& x) { return slogdet(regular(x[0])).logdet; }, square},
        {"cholesky", [](auto& x) { return cholesky(regular(x[0])); }, square},
        {"eigvalsh", [](auto& x) { return eigvalsh(regular(x[0])); }, square},
        {"eigh",
         [](auto& x) {
             const auto [values, vectors] = eigh(regular(x[0]));
             return sum(values, -1) + sum(vectors * vectors * arange(0, x[0].numel(), 1, f64).window(x[0].shape(), 0));
         },
         {{{3, 3}}},
         -2,
         2,
         0,
         true,
         false},
        {"qr",
         [](auto& x) {
             const auto [q, r] = qr(tall(x[0]));
             return matmul(q, r + r * r);
         },
         {{{2, 3, 3}}, {{4, 2}}}},
        {"svdvals", [](auto& x) { return svdvals(tall(x[0])); }, {{{2, 3, 3}}, {{4, 2}}}},
        {"svd",
         [](auto& x) {
             const auto [u, s, vt] = svd(tall(x[0]));
             return matmul(u * expand_dims(s * s, -2), vt);
         },
         {{{2, 3, 2}}, {{4, 2}}, {{2, 3}}},
         -2,
         2,
         0,
         false,
         false},
    };
    return rows;
}

}  // namespace xg::test
