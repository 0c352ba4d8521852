#pragma once
// What the recurrent layers' sources share: settings that belong to a sequence, and layers inside layers.
#include "../../autograd/ops/layout.h"
#include "../../tensor/create.h"
#include "../config.h"
#include "recurrent.h"
#include "weight_fields.h"

namespace xg {

template <class Options, class F> void sequence_fields(Options& o, F&& field) {
    field("return_sequences", o.return_sequences);
    field("return_state", o.return_state);
    field("go_backwards", o.go_backwards);
    field("stateful", o.stateful);
    field("unroll", o.unroll);
    field("zero_output_for_mask", o.zero_output_for_mask);
    field("activity_regularizer", o.activity_regularizer);
}
template <class Options> RNNOptions sequence_part(const Options& o) {
    return {o.return_sequences, o.return_state,         o.go_backwards,        o.stateful,
            o.unroll,           o.zero_output_for_mask, o.activity_regularizer};
}
template <class Options> Options without_sequence(Options o) {
    o.return_sequences = o.return_state = o.go_backwards = o.stateful = o.unroll = o.zero_output_for_mask = false;
    o.activity_regularizer = {};
    return o;
}
/// The settings of a cell, which the layer lists with those of a sequence.
template <class Options> struct CellSettings { Options options; };
template <class Options, class F> void fields(CellSettings<Options>& cell, F&& field) {
    cell_fields(cell.options, field);
}

template <class Options> void check_cell(const char* type, const char* size_name, std::int64_t size, const Options& o) {
    require<std::invalid_argument>(size > 0, "{}: expected {} > 0, got {}", type, size_name, size);
    require<std::invalid_argument>(
        0 <= o.dropout && o.dropout < 1 && 0 <= o.recurrent_dropout && o.recurrent_dropout < 1,
        "{}: expected 0 <= dropout, recurrent_dropout < 1, got {} and {}", type, o.dropout, o.recurrent_dropout);
    const RNNOptions s = sequence_part(o);
    require<std::invalid_argument>(!s.return_sequences && !s.return_state && !s.go_backwards && !s.stateful &&
                                       !s.unroll && !s.zero_output_for_mask && !s.activity_regularizer,
                                   "{}: expected settings of one step, got one of a sequence such as return_sequences",
                                   type);
}
template <class Options>
void KernelCell::make_weights(const Options& o, const Shape& kernel, const Shape& recurrent_kernel, const Shape& bias) {
    const auto drawn = [&](const Box<Initializer>& initializer, const Shape& shape) {
        return initializer->beside(recurrent_kernel, shape, dtype());
    };
    kernel_ = parameter("kernel", drawn(o.kernel_initializer, kernel), o.kernel_regularizer, o.kernel_constraint);
    recurrent_kernel_ = parameter("recurrent_kernel", drawn(o.recurrent_initializer, recurrent_kernel),
                                  o.recurrent_regularizer, o.recurrent_constraint);
    if (!o.use_bias) return;
    Tensor first = drawn(o.bias_initializer, bias);
    if constexpr (requires { o.unit_forget_bias; })  // 1 for the second of four gates (Jozefowicz et al. 2015)
        if (const auto gate = bias[0] / 4; o.unit_forget_bias)
            first = concatenate({slice(first, 0, gate), ones({gate}, dtype()), slice(first, 2 * gate, 4 * gate)});
    bias_ = parameter("bias", first, o.bias_regularizer, o.bias_constraint);
}

/// The shape of one step of x.
inline Shape step_shape(const Tensor& x) {
    Shape shape{x.shape()[0]};
    for (int axis = 2; axis < x.rank(); ++axis) shape.push_back(x.shape()[axis]);
    return shape;
}

/// A layer inside another's configuration; throws unless it is an M.
template <class M> std::shared_ptr<M> inner(const char* within, const std::shared_ptr<Module>& layer) {
    auto m = std::dynamic_pointer_cast<M>(layer);
    require<std::invalid_argument>(bool(m), "{}: expected another kind of layer inside, got {}", within,
                                   layer ? layer->type() : "none");
    return m;
}

}  // namespace xg
