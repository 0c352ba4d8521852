#include "../gradient_table.h"

namespace xg::test {

namespace {
Tensor flat(const LstmResult& r) {
    const Tensor last = concatenate({reshape(r.h, {-1}), 2 * reshape(r.c, {-1})});
    return r.outputs.defined() ? concatenate({3 * reshape(r.outputs, {-1}), last}) : last;
}
Tensor flat(const GruResult& r) {
    return r.outputs.defined() ? concatenate({3 * reshape(r.outputs, {-1}), reshape(r.h, {-1})}) : r.h;
}
const Tensor& mask() {
    static const Tensor m = tensor<bool>({{true, false, true}, {false, true, false}});
    return m;
}
/// Of an LSTM, or with three gates of a GRU: x, h, c, kernel, recurrent kernel, bias.
const Shapes with_four{{2, 3, 2}, {2, 2}, {2, 2}, {2, 8}, {2, 8}, {8}};
const Shapes with_three{{2, 3, 2}, {2, 2}, {2, 6}, {2, 6}, {2, 6}};
}  // namespace

const std::vector<GradientRow>& recurrent_rows() {
    static const std::vector<GradientRow> rows{
        {"lstm", [](auto& x) { return flat(lstm(x[0], x[1], x[2], x[3], x[4], x[5])); }, {with_four}, -1, 1, 0, false},
        {"lstm with a mask",
         [](auto& x) { return flat(lstm(x[0], x[1], x[2], x[3], x[4], x[5], {.mask = mask()})); },
         {with_four},
         -1,
         1,
         0,
         false},
        {"lstm from zeros, its last states",
         [](auto& x) { return flat(lstm(x[0], {}, {}, x[1], x[2], {}, {.sequences = false})); },
         {{{2, 3, 2}, {2, 8}, {2, 8}}},
         -1,
         1,
         0,
         false},
        {"gru", [](auto& x) { return flat(gru(x[0], x[1], x[2], x[3], x[4])); }, {with_three}, -1, 1, 0, false},
        {"gru with a mask",
         [](auto& x) { return flat(gru(x[0], x[1], x[2], x[3], x[4], {.mask = mask()})); },
         {with_three},
         -1,
         1,
         0,
         false},
        {"gru from zeros, its last state",
         [](auto& x) { return flat(gru(x[0], {}, x[1], x[2], {}, {.sequences = false})); },
         {{{2, 3, 2}, {2, 6}, {2, 6}}},
         -1,
         1,
         0,
         false},
    };
    return rows;
}

}  // namespace xg::test
