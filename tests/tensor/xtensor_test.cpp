#include "../../tensor/xtensor.h"
#include <xtensor/xmath.hpp>
#include "../../tensor/create.h"
#include "../catch.h"

using namespace xg;

TEST_CASE("a view reads the tensor's own memory under its shape") {
    const Tensor a = tensor({{1, 2, 3}, {4, 5, 6}});
    auto view = a.view<float>();
    CHECK(&view(0, 0) == a.data<float>().data());
    CHECK(view.dimension() == 2);
    CHECK(view(1, 2) == 6);
    CHECK(xt::sum(view)() == 21);
    CHECK_THROWS_WITH(a.view<double>(), "data: expected dtype float64, got float32");
}

TEST_CASE("a mutable view writes in place and counts as a change") {
    Tensor a = tensor({{1, 2}, {3, 4}});
    const auto before = a.version();
    a.mutable_view<float>() *= 2;
    CHECK(a.version() == before + 1);
    CHECK(a.raw<float>()[2] == 6);
    CHECK_THROWS_WITH(a.mutable_view<int>(), "mutable_view: expected dtype int32, got float32");
}

TEST_CASE("a tensor takes the values of an xtensor expression of any rank") {
    const Tensor a = tensor({{1, 2, 3}, {4, 5, 6}});
    const Tensor b = from_xtensor(a.view<float>() * 2.f + 1.f);
    CHECK(b.shape() == Shape{2, 3});
    CHECK(b.data<float>()[5] == 13);
    const Tensor s = from_xtensor(xt::sum(a.view<float>()));
    CHECK(s.shape() == Shape{});
    CHECK(s.item() == 21);
    CHECK(from_xtensor(a.view<float>() > 3.f).dtype() == boolean);
}
