#include "../../xgrad.h"
#include "../../xgrad_catch.h"
#include "../catch.h"
using namespace xg;

TEST_CASE("clip_by_global_norm scales all by one factor", "[optim]") {
    const Tensor a = tensor<double>({3, 0}), b = tensor<double>({{4}});
    const auto [clipped, norm] = clip_by_global_norm({a, Tensor(), b}, 1);
    CHECK(norm.item() == 5);
    CHECK(allclose(clipped[0], tensor<double>({0.6, 0})));
    CHECK_FALSE(clipped[1].defined());
    CHECK(allclose(clipped[2], tensor<double>({{0.8}})));
    CHECK(array_equal(clip_by_global_norm({a, b}, 5).tensors[0], a));
    CHECK_THAT(gradcheck(
                   [](const Tensors& x) {
                       return clip_by_global_norm({x[0], x[1]}, 1).tensors[0];
                   },
                   {a, b}),
               GradientsAgree());
    CHECK_THROWS_WITH(clip_by_global_norm({a}, 0), "clip_by_global_norm: expected clip_norm > 0, got 0");
    CHECK_THROWS_WITH(clip_by_global_norm({}, 1), "clip_by_global_norm: expected at least one tensor, got none");
}
