#include "onednn.h"
#include <dnnl.hpp>
#include <map>
#include <mutex>

namespace xg::kernel::onednn {

using dnnl::memory;

struct Plan {
    dnnl::primitive pass, reorder;
    memory::desc x, y, weights, plain, scratch;  // `plain`: the kernel as we hold it
};

namespace {
dnnl::engine& engine() {
    static dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    return cpu;
}
dnnl::stream& stream() {
    static thread_local dnnl::stream own(engine());
    return own;
}

/// The sizes in oneDNN's words. One and two spatial axes are two, three are three.
struct Sizes {
    Sizes(const Convolution& c, std::int64_t images) : x{images, c.in_channels}, y{images, c.out_channels} {
        const bool grouped = c.groups > 1;
        const auto in = c.in_channels / c.groups, out = c.out_channels / c.groups;
        kernel = {out, in};
        if (grouped) kernel.insert(kernel.begin(), c.groups);
        memory::dims strides;
        std::int64_t tap = c.kernel();
        for (int a = c.rank == 3 ? 0 : 1; a < 3; ++a) {
            const Window& w = c.axes[a];
            x.push_back(w.in), y.push_back(w.out), kernel.push_back(w.taps);
            strides.push_back(tap /= w.taps);
            step.push_back(w.stride), gap.push_back(w.dilation - 1), before.push_back(w.before);
            after.push_back(std::max<std::int64_t>(0, (w.out - 1) * w.stride + w.reach() - w.in - w.before));
        }
        strides.insert(strides.begin(), {1, c.out_channels});
        if (grouped) strides.insert(strides.begin(), out);
        plain = memory::desc(kernel, memory::data_type::f32, strides);
        images_tag = c.rank == 3 ? memory::format_tag::ndhwc : memory::format_tag::nhwc;
    }
    memory::desc as_images(const memory::dims& dims) const { return {dims, memory::data_type::f32, images_tag}; }

    memory::dims x, y, kernel, step, gap, before, after;
    memory::desc plain;
    memory::format_tag images_tag;
};

template <class Primitive> Plan plan_of(const Sizes& s, const typename Primitive::primitive_desc& d,
                                        const memory::desc& weights, bool from_plain) {
    // Its plain loops are slower than ours.
    Plan p;
    if (std::string_view(d.impl_info_str()).starts_with("ref")) return p;
    p.pass = Primitive(d);
    p.x = s.as_images(s.x), p.y = s.as_images(s.y), p.weights = weights, p.plain = s.plain;
    p.scratch = d.scratchpad_desc();
    const auto& [from, to] = from_plain ? std::pair(p.plain, p.weights) : std::pair(p.weights, p.plain);
    p.reorder = dnnl::reorder(dnnl::reorder::primitive_desc(engine(), from, engine(), to));
    return p;
}
Plan make(Pass pass, const Convolution& c, std::int64_t images) {
    const OneThread guard;
    const Sizes s(c, images);
    const auto x = s.as_images(s.x), y = s.as_images(s.y);
    const memory::desc any(s.kernel, memory::data_type::f32, memory::format_tag::any);
    const auto direct = dnnl::algorithm::convolution_direct;
    dnnl::primitive_attr own_scratch;
    own_scratch.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    using Forward = dnnl::convolution_forward;
    const Forward::primitive_desc forward(
        {dnnl::prop_kind::forward_training, direct, x, any, y, s.step, s.gap, s.before, s.after}, own_scratch,
        engine());
    if (pass == Pass::forward) return plan_of<Forward>(s, forward, forward.weights_desc(), true);
    if (pass == Pass::input) {
        using Input = dnnl::convolution_backward_data;
        const Input::primitive_desc d({direct, x, any, y, s.step, s.gap, s.before, s.after}, own_scratch, engine(),
                                      forward);
        return plan_of<Input>(s, d, d.weights_desc(), true);
    }
    using Kernel = dnnl::convolution_backward_weights;
    const Kernel::primitive_desc d({direct, x, any, y, s.step, s.gap, s.before, s.after}, own_scratch, engine(),
                                   forward);
    return plan_of<Kernel>(s, d, d.diff_weights_desc(), false);
}

/// Making code takes some 100 us, so it is made once. An empty plan: there is none.
std::shared_ptr<const Plan> find(Pass pass, const Convolution& c, std::int64_t images) {
    std::vector<std::int64_t> key{int(pass), images, c.in_channels, c.out_channels, c.groups, c.rank};
    for (const Window& w : c.axes) key.insert(key.end(), {w.in, w.out, w.taps, w.stride, w.dilation, w.before});
    static std::mutex mutex;
    static std::map<std::vector<std::int64_t>, std::shared_ptr<const Plan>> plans;
    const std::lock_guard lock(mutex);
    if (plans.size() > 1000) plans.clear();
    auto& plan = plans[std::move(key)];
    if (!plan) {
        try {
            plan = std::make_shared<const Plan>(make(pass, c, images));
        } catch (const dnnl::error&) { plan = std::make_shared<const Plan>(); }
    }
    return plan->pass ? plan : nullptr;
}

memory over(const memory::desc& d, const void* data) { return {d, engine(), const_cast<void*>(data)}; }
Tensor bytes(const memory::desc& d) { return Tensor::empty({d.get_size()}, u8); }
}  // namespace

Convolver::Convolver(Pass pass, const Convolution& c, std::int64_t images, const float* kernel)
    : pass_(pass), plan_(find(pass, c, images)) {
    if (!plan_ || pass == Pass::kernel) return;
    const OneThread guard;
    weights_ = bytes(plan_->weights);
    plan_->reorder.execute(stream(), {{DNNL_ARG_FROM, over(plan_->plain, kernel)},
                                      {DNNL_ARG_TO, over(plan_->weights, weights_.raw<std::uint8_t>())}});
}
void Convolver::operator()(float* to, const float* from) const {
    const OneThread guard;
    const Tensor scratch = bytes(plan_->scratch);
    const memory weights = over(plan_->weights, weights_.raw<std::uint8_t>()),
                 room = over(plan_->scratch, scratch.raw<std::uint8_t>());
    if (pass_ == Pass::forward)
        plan_->pass.execute(stream(), {{DNNL_ARG_SRC, over(plan_->x, from)},
                                       {DNNL_ARG_WEIGHTS, weights},
                                       {DNNL_ARG_DST, over(plan_->y, to)},
                                       {DNNL_ARG_SCRATCHPAD, room}});
    else
        plan_->pass.execute(stream(), {{DNNL_ARG_DIFF_DST, over(plan_->y, from)},
                                       {DNNL_ARG_WEIGHTS, weights},
                                       {DNNL_ARG_DIFF_SRC, over(plan_->x, to)},
                                       {DNNL_ARG_SCRATCHPAD, room}});
}
void Convolver::operator()(float* dk, const float* x, const float* dy) const {
    const OneThread guard;
    const Tensor weights = bytes(plan_->weights), scratch = bytes(plan_->scratch);
    const memory own = over(plan_->weights, weights.raw<std::uint8_t>());
    plan_->pass.execute(stream(), {{DNNL_ARG_SRC, over(plan_->x, x)},
                                   {DNNL_ARG_DIFF_DST, over(plan_->y, dy)},
                                   {DNNL_ARG_DIFF_WEIGHTS, own},
                                   {DNNL_ARG_SCRATCHPAD, over(plan_->scratch, scratch.raw<std::uint8_t>())}});
    plan_->reorder.execute(stream(), {{DNNL_ARG_FROM, own}, {DNNL_ARG_TO, over(plan_->plain, dk)}});
}

}  // namespace xg::kernel::onednn
