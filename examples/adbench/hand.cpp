// A skinned hand mesh posed by 26 numbers: a dense, tall Jacobian, in forward mode.
#include <cmath>
#include "case.h"
using namespace xg;

namespace adbench {

namespace {
struct Hand {
    Tensor base, inverse;       // (bones, 4, 4)
    std::vector<Tensor> level;  // bones by their depth, the root first
    std::vector<Tensor> above;  // where the parents of a level's bones stand among all bones so far, in that order
    Tensor order;               // where each bone stands in the order of the levels
    Tensor weighted;            // (read vertices, bones * 4): their share of every bone's frame, by coordinate
    Tensor points;              // (N, 3)
    bool complicated;
};

Tensor stacked(const Tensors& rows) { return stack(rows); }
Tensor integers(const std::vector<std::int64_t>& values) { return Tensor::of<std::int64_t>({values.size()}, values); }

void read_bones(Hand& hand, const std::string& path) {
    Numbers file(path);
    std::vector<std::int64_t> parents, depth;
    Tensors base, inverse;
    while (file.more()) {
        file.skip_word();
        parents.push_back(file.integer());
        depth.push_back(parents.back() < 0 ? 0 : depth[std::size_t(parents.back())] + 1);
        base.push_back(file.tensor({4, 4}));
        inverse.push_back(file.tensor({4, 4}));
    }
    hand.base = stacked(base), hand.inverse = stacked(inverse);
    std::vector<std::int64_t> place(parents.size());
    std::int64_t next = 0;
    for (std::int64_t d = 0; next < std::int64_t(parents.size()); ++d) {
        std::vector<std::int64_t> bones, above;
        for (std::size_t b = 0; b < parents.size(); ++b) {
            if (depth[b] != d) continue;
            bones.push_back(std::int64_t(b));
            above.push_back(d ? place[std::size_t(parents[b])] : 0);
            place[b] = next++;
        }
        hand.level.push_back(integers(bones));
        hand.above.push_back(integers(above));
    }
    hand.order = integers(place);
}
/// (V, bones * 4): weight times position, of every vertex.
Tensor read_vertices(const std::string& path, std::int64_t bones) {
    Numbers file(path);
    Tensors rows;
    while (file.more()) {
        const double position[] = {file.real(), file.real(), file.real(), 1};
        for (int i = 0; i < 5; ++i) file.real();
        Tensor row = zeros({bones, 4}, f64);
        for (auto pairs = file.integer(); pairs > 0; --pairs) {
            const auto bone = file.integer();
            const double weight = file.real();
            for (std::int64_t c = 0; c < 4; ++c) row(bone, c) = weight * position[c];
        }
        rows.push_back(reshape(row, {-1}));
    }
    return stacked(rows);
}

/// (bones, 4, 4): Rz(abduction) Rx(flexion) for the bones that theta moves.
Tensor rotations(const Tensor& theta, std::int64_t bones) {
    // Finger g moves bones 2 + 4g (flexion and abduction), 3 + 4g and 4 + 4g; all other angles are the 0 at the end.
    Tensor flexion = full({bones}, 26, i64), abduction = full({bones}, 26, i64);
    for (std::int64_t g = 0; g < 5; ++g) {
        flexion(2 + 4 * g) = 6 + 4 * g, abduction(2 + 4 * g) = 7 + 4 * g;
        flexion(3 + 4 * g) = 8 + 4 * g, flexion(4 + 4 * g) = 9 + 4 * g;
    }
    const Tensor angles = concatenate({theta, zeros({1}, f64)});
    const Tensor angle = take(angles, stack({flexion, abduction}));
    const Tensor c = cos(angle), s = sin(angle), cx = c[0], cz = c[1], sx = s[0], sz = s[1], zero = zeros({bones}, f64),
                 one = ones({bones}, f64);
    return reshape(
        stack({cz, -sz * cx, sz * sx, zero, sz, cz * cx, -cz * sx, zero, zero, sx, cx, zero, zero, zero, zero, one}, 1),
        {bones, 4, 4});
}
/// (read vertices, 3): where they are when the hand is posed.
Tensor posed(const Hand& hand, const Tensor& theta) {
    const auto bones = hand.base.shape()[0];
    const Tensor local = matmul(hand.base, rotations(theta, bones));
    Tensor absolute = take(local, hand.level[0]);
    for (std::size_t d = 1; d < hand.level.size(); ++d)
        absolute = concatenate({absolute, matmul(take(absolute, hand.above[d]), take(local, hand.level[d]))});
    const Tensor frames = matmul(take(absolute, hand.order), hand.inverse);  // (bones, 4, 4)
    const Tensor columns = reshape(transpose(slice(transpose(frames, {1, 0, 2}), 0, 3), {1, 2, 0}), {bones * 4, 3});
    const Tensor p = matmul(hand.weighted, columns);
    const Tensor r = slice(theta, 0, 3), t = slice(theta, 3, 6), squared = sum(r * r);
    if (squared.item() < 1e-8) return p + t;
    const Tensor angle = sqrt(squared), e = r / angle, c = cos(angle), s = sin(angle);
    // y = p cos + (e x p) sin + e (e . p)(1 - cos), as a matrix.
    static const Tensor axes =
        tensor<double>({{0, 0, 0, 0, 0, -1, 0, 1, 0}, {0, 0, 1, 0, 0, 0, -1, 0, 0}, {0, -1, 0, 1, 0, 0, 0, 0, 0}});
    const Tensor turn = reshape(matmul(e, axes), {3, 3}), across = outer(e, e);
    const Tensor rotation = across + (eye(3, 3, f64) - across) * c + turn * s;
    return matmul(p, rotation, {.transpose_b = true}) + t;
}
Tensor residuals(const Hand& hand, const Tensor& theta, const Tensor& us) {
    const Tensor g = posed(hand, theta);
    if (!hand.complicated) return hand.points - g;
    const auto n = hand.points.shape()[0];
    const Tensor corners = reshape(g, {3, n, 3}), u = us(all, Slice(0, 1)), v = us(all, Slice(1, 2));
    return hand.points - (u * corners[0] + v * corners[1] + (1 - u - v) * corners[2]);
}
struct Jacobian {
    Tensor theta, us;  // (3 N, 26), (3 N, 2)
};
Jacobian both(const Hand& hand, const Tensor& theta, const Tensor& us) {
    const auto rows = hand.points.numel();
    const Tensor of_theta = jacobian([&](const Tensor& x) { return residuals(hand, x, us); }, theta);
    Jacobian j{reshape(of_theta, {rows, theta.numel()}), {}};
    if (!hand.complicated) return j;
    // No residual depends on another's u: one direction moves them all.
    Tensors columns;
    for (std::int64_t a = 0; a < 2; ++a) {
        Tensor direction = zeros_like(us);
        direction(all, a) = 1;
        const Tensor tangent = jvp([&](const Tensor& x) { return residuals(hand, theta, x); }, us, direction).tangent;
        columns.push_back(reshape(tangent, {-1}));
    }
    j.us = stack(columns, 1);
    return j;
}
}  // namespace

void hand(const std::string& data, const std::string& model, Report& report) {
    const auto& expected = report.expected();
    Hand hand;
    read_bones(hand, model + "/bones.txt");
    const Tensor vertices = read_vertices(model + "/vertices.txt", hand.base.shape()[0]);
    hand.complicated = expected.value("complicated", false);
    Numbers file(data);
    const auto n = file.integer(), inputs = file.integer();
    const Tensor rows = file.tensor({n, 4}), correspondence = rows(all, 0).to(i64);
    hand.points = rows(all, Slice(1, none)).copy();
    Tensor us, read = correspondence;
    if (hand.complicated) {
        us = file.tensor({n, 2});
        Numbers triangles(model + "/triangles.txt");
        Tensors corners;
        while (triangles.more()) corners.push_back(triangles.integers({3}));
        read = reshape(transpose(take(stack(corners), correspondence)), {-1});
    }
    hand.weighted = take(vertices, read);
    const Tensor theta = file.tensor({inputs});

    const Tensor r = residuals(hand, theta, us);
    report.compare("residuals", r, expected.at("residuals"), 10);  // 1e-9, absolute
    report.compare("half_squared_norm", 0.5 * sum(r * r).item(), expected.at("half_squared_norm"), 1e-10);
    const Jacobian j = both(hand, theta, us);
    const auto& of_theta = expected.at("jacobian_theta");
    report.check_sums("jacobian_theta", j.theta, of_theta.at("checks_row_major"));
    const char* listed = of_theta.contains("rows") ? "rows" : "first_50_rows";
    if (of_theta.contains(listed))
        report.compare(listed, slice(j.theta, 0, std::int64_t(of_theta[listed].size())), of_theta[listed]);
    const Tensor flat = reshape(r, {-1}), u = mod(arange(3 * n), full({}, 7, i64)).to(f64) - 3;
    report.compare("J^T F", matmul(flat, j.theta), expected.at("gradient_of_half_squared_norm_theta"));
    report.compare("J^T u", matmul(u, j.theta), expected.at("transposed_product_with_u_theta"));
    if (hand.complicated) {
        report.check_sums("jacobian_us", j.us, expected.at("jacobian_us").at("checks_row_major"));
        report.check_sums("J^T F of us", sum(reshape(expand_dims(flat, 1) * j.us, {n, 3, 2}), 1),
                          expected.at("gradient_of_half_squared_norm_us"));
    }
    const NoGrad only_these;
    report.objective_seconds = seconds([&] { residuals(hand, theta, us); });
    report.gradient_seconds = seconds([&] { both(hand, theta, us); });
}

}  // namespace adbench
