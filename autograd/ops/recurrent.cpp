#include "recurrent.h"
#include <functional>
#include "../../tensor/create.h"
#include "../../tensor/kernels/gemm.h"
#include "../../tensor/kernels/recurrent.h"
#include "../record.h"
#include "activation.h"
#include "arithmetic.h"
#include "elementwise.h"
#include "layout.h"
#include "linear_algebra.h"
#include "reduction.h"

namespace xg {

namespace {
/// Which inputs stand where in the list of them.
enum In { in_x, in_h, in_c, in_kernel, in_recurrent, in_bias };

void check(const char* op, const Tensors& in, std::int64_t gates, const Tensor& mask) {
    const Shape &x = in[in_x].shape(), &kernel = in[in_kernel].shape(), &recurrent = in[in_recurrent].shape();
    require(x.rank() == 3 && x[1] > 0, "{}: expected x (batch, steps, features) with at least one step, got {}", op, x);
    const auto units = recurrent.rank() == 2 ? recurrent[0] : -1;
    require(kernel == Shape{x[2], gates * units} && recurrent == Shape{units, gates * units},
            "{}: expected kernel ({}, {} units) and recurrent_kernel (units, {} units), got {} and {}", op, x[2], gates,
            gates, kernel, recurrent);
    for (In state : {in_h, in_c})
        require(!in[state].defined() || in[state].shape() == Shape{x[0], units},
                "{}: expected initial states of shape {}, got {}", op, Shape{x[0], units},
                in[state].defined() ? in[state].shape() : Shape());
    const Shape bias = gates == 3 ? Shape{2, gates * units} : Shape{gates * units};
    require(!in[in_bias].defined() || in[in_bias].shape() == bias, "{}: expected a bias of shape {}, got {}", op, bias,
            in[in_bias].defined() ? in[in_bias].shape() : Shape());
    require(!mask.defined() || (mask.shape() == Shape{x[0], x[1]} && mask.dtype() == boolean),
            "{}: expected a mask of bools of shape {}, got {} of {}", op, Shape{x[0], x[1]},
            name_of(mask.defined() ? mask.dtype() : boolean), mask.defined() ? mask.shape() : Shape());
}
/// All in the widest floating type among them.
Tensors of_one_type(const Tensors& in) {
    DType dtype = f32;
    for (const Tensor& t : in)
        if (t.defined() && is_float(t.dtype())) dtype = promote(dtype, t.dtype());
    bool wide = false;  // float64 only where somebody asks for it
    for (const Tensor& t : in) wide |= t.defined() && t.dtype() == f64;
    Tensors out;
    for (const Tensor& t : in) out.push_back(!t.defined() || t.dtype() == dtype ? t : t.to(wide ? f64 : f32));
    return out;
}
bool any_batched(const Tensors& in) {
    for (const Tensor& t : in)
        if (t.defined() && detail::is_batched(t)) return true;
    return false;
}

/// Gradients of f at `in` by differentiating f itself, recorded: nothing older than `in` is looked at.
Tensors differentiated(const std::function<Tensors(const Tensors&)>& f, const Tensors& in, const Tensors& dy) {
    Tensors at, wanted;
    for (const Tensor& t : in) {
        const bool wants = t.defined() && t.requires_grad();
        at.push_back(wants ? record("input", t.detach(), wrt(t, [](const Tensor& d) { return d; })) : t);
        if (wants) wanted.push_back(at.back());
    }
    const Tensors ys = f(at);
    Tensor total;
    for (std::size_t k = 0; k < ys.size(); ++k) {
        const Tensor part = sum(ys[k] * dy[k]);
        total = total.defined() ? total + part : part;
    }
    const Tensors found = grad(total, wanted, {.create_graph = true, .unused = Unused::zeros});
    Tensors dx(in.size());
    for (std::size_t i = 0, k = 0; i < in.size(); ++i)
        if (in[i].defined() && in[i].requires_grad()) dx[i] = found[k++];
    return dx;
}

/// What the two recurrent layers have in common: the products over all steps, and how the operation is recorded.
struct Fused {
    const char* op;
    std::int64_t gates;
    bool sequences;
    kernel::RecurrentSize size;
    Tensor steps, mask;  // x and the mask, time-major
    kernel::RecurrentTrace trace;
    Tensor outputs;

    Fused(const char* name, std::int64_t n, const Tensors& in, const RecurrentOptions& options)
        : op(name), gates(n), sequences(options.sequences) {
        const NoGrad unrecorded;
        const auto batch = in[in_x].shape()[0], count = in[in_x].shape()[1], units = in[in_recurrent].shape()[0];
        const DType dtype = in[in_x].dtype();
        size = {count, batch, units, in[in_x].shape()[2]};
        steps = reshape(swapaxes(in[in_x], 0, 1), {count * batch, in[in_x].shape()[2]});
        if (options.mask.defined()) mask = swapaxes(options.mask, 0, 1);
        trace.gates = Tensor::empty({count * batch, gates * units}, dtype);
        trace.hidden = Tensor::empty({count + 1, batch, units}, dtype);
        begin(trace.hidden, in[in_h]);
        if (gates == 4) {
            trace.cells = Tensor::empty({count + 1, batch, units}, dtype);
            begin(trace.cells, in[in_c]);
        } else {
            trace.inner = Tensor::empty({count, batch, units}, dtype);
        }
        if (sequences) outputs = Tensor::empty({batch, count, units}, dtype);
        const kernel::RecurrentInput input{steps,       in[in_kernel], in[in_recurrent],
                                           in[in_bias], mask,          !in[in_h].defined()};
        dispatch_float(dtype, op, [&]<class T> {
            (gates == 4 ? kernel::lstm_forward<T> : kernel::gru_forward<T>)(size, trace, input, outputs);
        });
    }
    static void begin(const Tensor& states, const Tensor& first) {
        states.window(first.defined() ? first.shape() : Shape{states.shape()[1], states.shape()[2]}, 0)
            .assign(first.defined() ? first.detach() : zeros({states.shape()[1], states.shape()[2]}, states.dtype()));
    }
    Tensor last(const Tensor& states) const {
        const auto n = size.batch * size.units;
        return states.window({size.batch, size.units}, size.steps * n).copy();
    }
    Tensors values() const {
        Tensors ys;
        if (sequences) ys.push_back(outputs);
        ys.push_back(last(trace.hidden));
        if (gates == 4) ys.push_back(last(trace.cells));
        return ys;
    }

    /// The gradient of every input that wants one.
    Tensors gradients(const Tensors& in, const Tensors& dy) const {
        const auto wants = [&](In i) { return in[i].defined() && in[i].requires_grad(); };
        const auto units = size.units, width = gates * units, rows = size.steps * size.batch;
        const DType dtype = in[in_x].dtype();
        kernel::RecurrentGradient g;
        std::size_t k = 0;
        if (sequences) g.outputs = dy[k++];
        g.hidden = dy[k++].copy();
        if (gates == 4) g.cells = dy[k++].copy();
        g.sums_x = Tensor::empty({rows, width}, dtype);
        g.sums_h = gates == 4 ? g.sums_x : Tensor::empty({rows, width}, dtype);
        const Tensor bias = wants(in_bias) ? Tensor::empty(in[in_bias].shape(), dtype) : Tensor();
        if (bias.defined()) g.bias_x = bias.window({width}, 0);
        if (bias.defined() && gates == 3) g.bias_h = bias.window({width}, width);
        g.first_hidden = wants(in_h);
        Tensors dx(in.size());
        dispatch_float(dtype, op, [&]<class T> {
            (gates == 4 ? kernel::lstm_backward<T> : kernel::gru_backward<T>)(size, trace, in[in_recurrent], mask, g);
            if (wants(in_recurrent)) {
                dx[in_recurrent] = Tensor::empty(in[in_recurrent].shape(), dtype);
                // Without initial states the first step has no part in it.
                const auto skip = in[in_h].defined() ? 0 : size.batch;
                kernel::gemm(dx[in_recurrent].raw<T>(), trace.hidden.raw<T>() + skip * units,
                             g.sums_h.raw<T>() + skip * width, units, width, rows - skip, true, false);
            }
        });
        if (wants(in_kernel)) dx[in_kernel] = matmul(steps, g.sums_x, {.transpose_a = true});
        if (wants(in_x)) {
            const Tensor d = matmul(g.sums_x, in[in_kernel].detach(), {.transpose_b = true});
            dx[in_x] = swapaxes(reshape(d, {size.steps, size.batch, in[in_x].shape()[2]}), 0, 1);
        }
        if (wants(in_h)) dx[in_h] = g.hidden;
        if (wants(in_c)) dx[in_c] = g.cells;
        if (wants(in_bias)) dx[in_bias] = bias;
        return dx;
    }
};

/// The fused operation, whose gradients are differentiated, if somebody asks, through the composition.
Tensors fused(const char* op, std::int64_t gates, const Tensors& in, const RecurrentOptions& options,
              std::function<Tensors(const Tensors&)> composition) {
    auto run = std::make_shared<Fused>(op, gates, in, options);
    Tensors inputs;
    std::vector<std::size_t> at;
    for (std::size_t i = 0; i < in.size(); ++i)
        if (in[i].defined()) inputs.push_back(in[i]), at.push_back(i);
    Tensors ys = run->values();
    run->outputs = Tensor();
    std::vector<Saved> saved(in.size());
    for (std::size_t i : at) saved[i] = Saved(in[i]);
    return record(
        op, [&] { return ys; }, inputs,
        [run, at, saved = std::move(saved), composition = std::move(composition)](const Tensors& dy) {
            Tensors all(saved.size());
            for (std::size_t i : at) all[i] = saved[i].get();
            const Tensors dx = modes.grad ? differentiated(composition, all, dy) : run->gradients(all, dy);
            Tensors wanted;
            for (std::size_t i : at) wanted.push_back(dx[i]);
            return wanted;
        });
}
}  // namespace

LstmResult lstm(const Tensor& x, const Tensor& h, const Tensor& c, const Tensor& kernel, const Tensor& recurrent_kernel,
                const Tensor& bias, const RecurrentOptions& options) {
    const Tensors in = of_one_type({x, h, c, kernel, recurrent_kernel, bias});
    check("lstm", in, 4, options.mask);
    const auto composition = [options](const Tensors& t) -> Tensors {
        auto [outputs, last_h, last_c] =
            detail::lstm_by_steps(t[in_x], t[in_h], t[in_c], t[in_kernel], t[in_recurrent], t[in_bias], options);
        if (!options.sequences) return {last_h, last_c};
        return {outputs, last_h, last_c};
    };
    const Tensors ys = any_batched(in) ? composition(in) : fused("lstm", 4, in, options, composition);
    if (!options.sequences) return {{}, ys[0], ys[1]};
    return {ys[0], ys[1], ys[2]};
}
GruResult gru(const Tensor& x, const Tensor& h, const Tensor& kernel, const Tensor& recurrent_kernel,
              const Tensor& bias, const RecurrentOptions& options) {
    const Tensors in = of_one_type({x, h, {}, kernel, recurrent_kernel, bias});
    check("gru", in, 3, options.mask);
    const auto composition = [options](const Tensors& t) -> Tensors {
        auto [outputs, last_h] =
            detail::gru_by_steps(t[in_x], t[in_h], t[in_kernel], t[in_recurrent], t[in_bias], options);
        if (!options.sequences) return {last_h};
        return {outputs, last_h};
    };
    const Tensors ys = any_batched(in) ? composition(in) : fused("gru", 3, in, options, composition);
    if (!options.sequences) return {{}, ys[0]};
    return {ys[0], ys[1]};
}

namespace {
/// The products with the inputs of all steps, (steps, batch, gates units).
Tensor input_sums(const Tensor& x, const Tensor& kernel, const Tensor& bias) {
    const Tensor sums = matmul(swapaxes(x, 0, 1), kernel);
    return bias.defined() ? sums + bias : sums;
}
Tensor zeros_for(const Tensor& x, const Tensor& recurrent_kernel) {
    return zeros({x.shape()[0], recurrent_kernel.shape()[0]}, x.dtype());
}
/// `now` where step t is real, else what was before.
Tensor unless_masked(const Tensor& mask, std::int64_t t, const Tensor& now, const Tensor& before) {
    return mask.defined() ? where(expand_dims(mask[t], 1), now, before) : now;
}
}  // namespace

LstmResult detail::lstm_by_steps(const Tensor& x, const Tensor& h0, const Tensor& c0, const Tensor& kernel,
                                 const Tensor& recurrent_kernel, const Tensor& bias, const RecurrentOptions& options) {
    const Tensor sums = input_sums(x, kernel, bias);
    const Tensor mask = options.mask.defined() ? swapaxes(options.mask, 0, 1) : Tensor();
    Tensor h = h0.defined() ? h0 : zeros_for(x, recurrent_kernel),
           c = c0.defined() ? c0 : zeros_for(x, recurrent_kernel);
    Tensors hs;
    for (std::int64_t t = 0; t < x.shape()[1]; ++t) {
        const auto gates = split(sums[t] + matmul(h, recurrent_kernel), 4, -1);
        const Tensor state = sigmoid(gates[1]) * c + sigmoid(gates[0]) * tanh(gates[2]);
        h = unless_masked(mask, t, sigmoid(gates[3]) * tanh(state), h);
        c = unless_masked(mask, t, state, c);
        if (options.sequences) hs.push_back(h);
    }
    return {options.sequences ? stack(hs, 1) : Tensor(), h, c};
}
GruResult detail::gru_by_steps(const Tensor& x, const Tensor& h0, const Tensor& kernel, const Tensor& recurrent_kernel,
                               const Tensor& bias, const RecurrentOptions& options) {
    const Tensor sums = input_sums(x, kernel, bias.defined() ? bias[0] : bias);
    const Tensor mask = options.mask.defined() ? swapaxes(options.mask, 0, 1) : Tensor();
    Tensor h = h0.defined() ? h0 : zeros_for(x, recurrent_kernel);
    Tensors hs;
    for (std::int64_t t = 0; t < x.shape()[1]; ++t) {
        const Tensor product = matmul(h, recurrent_kernel);
        const auto from_x = split(sums[t], 3, -1), from_h = split(bias.defined() ? product + bias[1] : product, 3, -1);
        const Tensor z = sigmoid(from_x[0] + from_h[0]), r = sigmoid(from_x[1] + from_h[1]);
        h = unless_masked(mask, t, z * h + (1 - z) * tanh(from_x[2] + r * from_h[2]), h);
        if (options.sequences) hs.push_back(h);
    }
    return {options.sequences ? stack(hs, 1) : Tensor(), h};
}

}  // namespace xg
