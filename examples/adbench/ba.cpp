// Bundle adjustment: a sparse Jacobian, of two numbers an observation with respect to its camera, point and weight.
#include <cmath>
#include "case.h"
using namespace xg;

namespace adbench {

namespace {
struct Scene {
    Tensor cameras, points, weights, features;  // (n, 11), (m, 3), (p,), (2, p)
    Tensor camera_of, point_of;                 // (p,)
    std::int64_t n, m, p;
};
/// Of some observations, one tensor (observations,) for each number that one depends on: 11 of its camera, 3 of its
/// point, its w; then its feature's two.
Tensors gather(const Scene& s, std::int64_t first, std::int64_t last) {
    Tensors in;
    const auto columns = [&](const Tensor& rows) {
        const Tensor turned = transpose(rows);
        for (std::int64_t c = 0; c < turned.shape()[0]; ++c) in.push_back(turned[c]);
    };
    columns(take(s.cameras, slice(s.camera_of, first, last)));
    columns(take(s.points, slice(s.point_of, first, last)));
    in.push_back(slice(s.weights, first, last));
    for (int c = 0; c < 2; ++c) in.push_back(slice(s.features[c], first, last));
    return in;
}
/// Calls f with some observations at a time, so that what is computed of them stays in the cache.
template <class F> void in_parts(const Scene& s, const F& f) {
    constexpr std::int64_t at_once = 1024;
    for (std::int64_t first = 0; first < s.p; first += at_once) f(first, std::min(s.p, first + at_once));
}
constexpr auto dot = [](auto a, auto b, auto c, auto x, auto y, auto z) { return a * x + b * y + c * z; };
/// Of the squared angle: sin(angle) / angle, (1 - cos(angle)) / angle^2, cos(angle); at 0 what rotates nothing.
constexpr auto sin_share = [](auto t) {
    const auto angle = sqrt(where(t == 0, 1, t));
    return where(t == 0, 1, sin(angle) / angle);
};
constexpr auto cos_share = [](auto t) {
    const auto safe = where(t == 0, 1, t);
    return where(t == 0, 0, (1 - cos(sqrt(safe))) / safe);
};
constexpr auto cosine = [](auto t) { return where(t == 0, 1, cos(sqrt(where(t == 0, 1, t)))); };
constexpr auto turned = [](auto q, auto cross, auto r, auto along, auto s, auto v, auto c) {
    return q * c + cross * s + r * (along * v);
};
constexpr auto cross = [](auto a, auto b, auto x, auto y) { return a * y - b * x; };
constexpr auto distortion = [](auto x, auto y, auto k1, auto k2) {
    const auto s = x * x + y * y;
    return 1 + k1 * s + k2 * (s * s);
};
constexpr auto error = [](auto f, auto bend, auto z, auto u, auto feature, auto w) {
    return w * (f * bend * z + u - feature);
};
/// Both numbers of every observation, (observations,) each.
Tensors reprojection(const Tensors& in) {
    const Tensor &r0 = in[0], &r1 = in[1], &r2 = in[2];
    const Tensor q0 = in[11] - in[3], q1 = in[12] - in[4], q2 = in[13] - in[5];
    const Tensor squared = map(dot, r0, r1, r2, r0, r1, r2), along = map(dot, r0, r1, r2, q0, q1, q2);
    const Tensor s = map(sin_share, squared), v = map(cos_share, squared), c = map(cosine, squared);
    const Tensor z0 = map(turned, q0, map(cross, r1, r2, q1, q2), r0, along, s, v, c),
                 z1 = map(turned, q1, map(cross, r2, r0, q2, q0), r1, along, s, v, c),
                 z2 = map(turned, q2, map(cross, r0, r1, q0, q1), r2, along, s, v, c);
    const Tensor x = z0 / z2, y = z1 / z2, bend = map(distortion, x, y, in[9], in[10]);
    return {map(error, in[6], bend, x, in[7], in[15], in[14]), map(error, in[6], bend, y, in[8], in[16], in[14])};
}

struct Jacobian {
    Tensor rows;        // (observations, 2, 15): the stored entries of the reprojection rows
    Tensor of_weights;  // (observations,): those of the weight rows
};
/// The derivatives of one observation's two numbers with respect to the fifteen that they depend on.
Tensors entries(const Tensors& in) {
    Tensors x = in;
    for (std::size_t i = 0; i < 15; ++i) x[i] = in[i].detach().require_grad();
    const Tensors wanted(x.begin(), x.begin() + 15);
    Tensors all;
    for (const Tensor& residual : reprojection(x))
        for (Tensor& entry : grad(residual, wanted, {.retain_graph = true, .unused = Unused::zeros}))
            all.push_back(std::move(entry));
    return all;
}
Jacobian jacobian(const Scene& s) {
    const Tensor rows = Tensor::empty({s.p, 2, 15}, f64);
    in_parts(s, [&](std::int64_t first, std::int64_t last) {
        const Tensors columns = vmap(entries, gather(s, first, last));
        slice(rows, first, last).assign(reshape(transpose(stack(columns)), {last - first, 2, 15}));
    });
    return {rows, -2 * s.weights};
}
Tensor residuals(const Scene& s) {
    const NoGrad unrecorded;
    const Tensor rows = Tensor::empty({s.p, 2}, f64);
    in_parts(s, [&](std::int64_t first, std::int64_t last) {
        slice(rows, first, last).assign(transpose(stack(reprojection(gather(s, first, last)))));
    });
    return rows;
}
/// J^T u, for u of the reprojection rows (observations, 2) and of the weight rows.
Tensors transposed_product(const Scene& s, const Jacobian& j, const Tensor& u, const Tensor& of_weights) {
    const Tensor each = sum(j.rows * expand_dims(u, 2), 1);  // (observations, 15)
    return {scatter_add(each(all, Slice(0, 11)), s.camera_of, {s.n, 11}),
            scatter_add(each(all, Slice(11, 14)), s.point_of, {s.m, 3}), each(all, 14) + j.of_weights * of_weights};
}
Tensor numbered(std::int64_t first, std::int64_t last) {
    return mod(arange(first, last), full({}, 7, i64)).to(f64) - 3;
}
Scene read(const std::string& data, bool varied) {
    Numbers file(data);
    Scene s;
    s.n = file.integer(), s.m = file.integer(), s.p = file.integer();
    const auto copies = [&](std::int64_t rows, std::int64_t columns) {
        const Tensor all_rows = repeat(file.tensor({1, columns}), rows, 0);
        if (!varied) return all_rows;
        const Tensor row = expand_dims(arange(rows), 1), column = arange(columns);
        const Tensor steps = mod(7 * row + 13 * column, full({}, 11, i64)) - 5;
        return all_rows * (1 + steps.to(f64) / 1000);
    };
    s.cameras = copies(s.n, 11), s.points = copies(s.m, 3), s.weights = reshape(copies(s.p, 1), {s.p}),
    s.features = transpose(copies(s.p, 2));
    s.camera_of = mod(arange(s.p), full({}, s.n, i64)), s.point_of = mod(arange(s.p), full({}, s.m, i64));
    return s;
}
}  // namespace

void ba(const std::string& data, Report& report) {
    const auto& expected = report.expected();
    const Scene s = read(data, expected.value("varied", false));
    const Tensor errors = residuals(s), weight = 1 - s.weights * s.weights;
    report.check_sums("reprojection", errors, expected.at("reprojection"));
    report.check_sums("weight", weight, expected.at("weight"));
    report.compare("half_squared_norm", 0.5 * (sum(errors * errors) + sum(weight * weight)).item(),
                   expected.at("half_squared_norm"), 1e-10);

    const Jacobian j = jacobian(s);
    const auto& stored = expected.at("jacobian");
    report.check_sums("jacobian", concatenate({reshape(j.rows, {-1}), j.of_weights}), stored.at("stored_values"));
    const double largest = stored.at("stored_values").at("abs_max").number();
    const Tensor rows = reshape(j.rows, {2 * s.p, 15});
    for (const char* part : {"first_50_rows", "some_last_rows"})
        for (const auto& row : stored.at(part)) {
            const std::int64_t at = row.at("row").integer();
            report.compare(part, at < 2 * s.p ? Tensor(rows[at]) : slice(j.of_weights, at - 2 * s.p, at - 2 * s.p + 1),
                           row.at("vals"), largest);
        }
    const auto check = [&](const char* what, const Tensors& product) {
        const char* names[] = {"cams", "X", "w"};
        for (std::size_t i = 0; i < 3; ++i) report.check_sums(what, product[i], expected.at(what).at(names[i]));
    };
    check("gradient_of_half_squared_norm", transposed_product(s, j, errors, weight));
    check("transposed_product_with_u",
          transposed_product(s, j, reshape(numbered(0, 2 * s.p), {s.p, 2}), numbered(2 * s.p, 3 * s.p)));
    const auto cameras = 11 * s.n, points = cameras + 3 * s.m;
    const Tensor v = concatenate({take(reshape(numbered(0, cameras), {s.n, 11}), s.camera_of),
                                  take(reshape(numbered(cameras, points), {s.m, 3}), s.point_of),
                                  reshape(numbered(points, points + s.p), {s.p, 1})},
                                 1);
    report.check_sums("product_with_v",
                      concatenate({reshape(sum(j.rows * expand_dims(v, 1), 2), {-1}), j.of_weights * v(all, 14)}),
                      expected.at("product_with_v"));
    report.objective_seconds = seconds([&] { residuals(s); });
    report.gradient_seconds = seconds([&] { jacobian(s); });
}

}  // namespace adbench
