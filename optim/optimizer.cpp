#include "optimizer.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include "../autograd/hook.h"
#include "../autograd/ops/arithmetic.h"
#include "../nn/module.h"
#include "../tensor/create.h"
#include "../tensor/finite.h"
#include "../tensor/markers.h"
#include "each.h"

namespace xg {

namespace {
constexpr std::int64_t alignment = 16;  // elements: whole vectors of either type
constexpr const char* average_slot = "average";
constexpr const char* accumulator_slot = "gradient_accumulator";

/// f(from, to) over [0, n) in whole vectors: buffers are padded to them.
template <class T, class F> void sweep(std::int64_t n, const F& f) {
    parallel((n + lanes<T> - 1) / lanes<T>, 2.0, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first * lanes<T>; i < last * lanes<T>; i += lanes<T>) f(i);
    });
}
/// Blocks of 4096 added in a fixed tree, in double precision: no square overflows.
double squared_norm(const Tensor& g) {
    return dispatch_float(g.dtype(), "Optimizer", [&]<class T> {
        const T* p = g.raw<T>();
        return reduce(
            g.numel(), 4096, 0.1,
            [p](std::int64_t first, std::int64_t last) {
                constexpr int wide = 32;
                double sums[wide] = {}, total = 0;
                for (; first + wide <= last; first += wide)
                    for (int k = 0; k < wide; ++k) sums[k] += double(p[first + k]) * double(p[first + k]);
                for (; first < last; ++first) total += double(p[first]) * double(p[first]);
                for (double s : sums) total += s;
                return total;
            },
            [](double a, double b) { return a + b; });
    });
}
std::size_t bytes_of(const Tensor& t) { return std::size_t(t.numel()) * size_of(t.dtype()); }
std::int64_t padded(std::int64_t n) { return (n + alignment - 1) / alignment * alignment; }
bool contains(const std::vector<Tensor>& all, const Tensor& x) {
    return std::ranges::any_of(all, [&](const Tensor& t) { return t.impl() == x.impl(); });
}
}  // namespace

void zero_grad(const std::vector<Tensor>& parameters) {
    for (const Tensor& p : parameters) p.zero_grad();
}

Optimizer::Optimizer(LearningRate rate, StepOptions options, std::vector<std::string> slot_names)
    : rate_(std::move(rate)), options_(options), slot_names_(std::move(slot_names)) {
    const auto& o = options_;
    require<std::invalid_argument>(
        (o.clipnorm > 0) + (o.clipvalue > 0) + (o.global_clipnorm > 0) <= 1,
        "Optimizer: expected at most one of clipnorm, clipvalue and global_clipnorm, got {}, {} and {}", o.clipnorm,
        o.clipvalue, o.global_clipnorm);
    require<std::invalid_argument>(o.gradient_accumulation_steps >= 0 && o.gradient_accumulation_steps != 1,
                                   "Optimizer: expected gradient_accumulation_steps of at least 2, or 0, got {}",
                                   o.gradient_accumulation_steps);
    require<std::invalid_argument>(0 <= o.ema_momentum && o.ema_momentum <= 1,
                                   "Optimizer: expected 0 <= ema_momentum <= 1, got {}", o.ema_momentum);
    if (o.use_ema) slot_names_.emplace_back(average_slot);
    if (o.gradient_accumulation_steps) slot_names_.emplace_back(accumulator_slot);
}
Optimizer::~Optimizer() = default;
Optimizer::Optimizer(const Optimizer& o)
    : rate_(o.rate_), options_(o.options_), slot_names_(o.slot_names_), groups_(o.groups_) {}

void Optimizer::minimize(const Tensor& cost, const std::vector<Tensor>& parameters) {
    (options_.loss_scale_factor > 0 ? cost * options_.loss_scale_factor : cost).backward();
    step(parameters);
    zero_grad(parameters);
}
void Optimizer::minimize(const Tensor& cost, const Module& module, const std::function<void()>& reached,
                         const std::function<void()>& moved) {
    (options_.loss_scale_factor > 0 ? cost * options_.loss_scale_factor : cost).backward();
    if (reached) reached();
    step(module);
    if (moved) moved();
    zero_grad(bound_);
}
Tensor Optimizer::minimize(const std::function<Tensor()>& cost, const std::vector<Tensor>& parameters) {
    const Tensor before = cost();
    minimize(before, parameters);
    return before.detach();
}

void Optimizer::add_group(ParameterGroup group) {
    groups_.push_back(std::move(group));
    settings_.clear();
}
double Optimizer::weight_decay(std::size_t) const { return options_.weight_decay; }
Shape Optimizer::slot_shape(std::size_t, std::size_t parameter) const { return bound_[parameter].shape(); }
void Optimizer::start(std::size_t, Tensor&, const Tensor&) const {}

std::byte* Optimizer::at(std::size_t flat, std::size_t parameter) const {
    return flat_[flat].impl()->data + std::size_t(offset_[flat][parameter]) * size_of(flat_[0].dtype());
}
Tensor Optimizer::slot_of(std::size_t slot, std::size_t parameter) const {
    return flat_[slot + 1].window(slot_shape(slot, parameter), offset_[slot + 1][parameter]);
}
std::size_t Optimizer::extra(const char* slot_name) const {
    return std::size_t(std::ranges::find(slot_names_, slot_name) - slot_names_.begin()) + 1;
}

/// The set is compared at each step, so freezing a layer between steps needs no further call.
bool Optimizer::bound_to(const std::vector<Tensor>& parameters) const {
    if (parameters.size() != bound_.size()) return false;
    for (std::size_t i = 0; i < bound_.size(); ++i)
        if (parameters[i].impl() != bound_[i].impl() || bound_[i].impl()->data != at(0, i)) return false;
    return true;
}

void Optimizer::bind(const std::vector<Tensor>& parameters, const Module* module) {
    if (bound_to(parameters) && (!module || !paths_.empty())) return;
    const DType dtype = parameters[0].dtype();
    for (const Tensor& p : parameters)
        require(p.dtype() == dtype, "Optimizer: expected parameters of one dtype, got {} and {}", name_of(dtype),
                name_of(p.dtype()));
    const struct {
        std::vector<Tensor> bound, flat;
        std::vector<std::string> names, paths;
        std::vector<std::vector<std::int64_t>> offset;
        std::vector<char> accumulated;
    } before{bound_, flat_, names_, paths_, offset_, accumulated_};
    bound_ = parameters, flat_.clear(), offset_.clear();
    names_.assign(parameters.size(), "");
    paths_.clear();
    accumulated_.assign(parameters.size(), 0);
    settings_.clear();
    for (auto& [path, p] : module ? module->named_parameters() : std::vector<std::pair<std::string, Tensor>>()) {
        paths_.push_back(path);
        for (std::size_t i = 0; i < parameters.size(); ++i)
            if (parameters[i].impl() == p.impl()) names_[i] = path;
    }
    try {
        for (std::size_t f = 0; f <= slot_names_.size(); ++f) {
            std::vector<std::int64_t> offset{0};
            for (std::size_t i = 0; i < parameters.size(); ++i)
                offset.push_back(offset[i] + padded((f ? slot_shape(f - 1, i) : parameters[i].shape()).numel()));
            flat_.push_back(zeros({offset.back()}, dtype));
            offset_.push_back(std::move(offset));
        }
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            std::memcpy(at(0, i), parameters[i].impl()->data, bytes_of(parameters[i]));
            // What has been learned about a parameter stays when the set changes.
            const auto old = std::size_t(
                std::ranges::find_if(before.bound, [&](auto& b) { return b.impl() == parameters[i].impl(); }) -
                before.bound.begin());
            const bool known = old < before.bound.size() && before.flat[0].dtype() == dtype;
            if (known) accumulated_[i] = before.accumulated[old];
            for (std::size_t f = 1; f <= slot_names_.size(); ++f) {
                const auto size = offset_[f][i + 1] - offset_[f][i];
                if (known && size == before.offset[f][old + 1] - before.offset[f][old])
                    std::memcpy(at(f, i),
                                before.flat[f].impl()->data + std::size_t(before.offset[f][old]) * size_of(dtype),
                                std::size_t(size) * size_of(dtype));
                else if (Tensor values = slot_of(f - 1, i); values.numel()) start(f - 1, values, parameters[i]);
            }
        }
    } catch (...) {  // a subclass refused a parameter
        bound_ = before.bound, flat_ = before.flat, names_ = before.names, paths_ = before.paths;
        offset_ = before.offset, accumulated_ = before.accumulated;
        throw;
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        TensorImpl& p = *parameters[i].impl();
        p.storage = flat_[0].impl()->storage;
        p.data = at(0, i);
    }
    if (waiting_.empty()) return;
    const auto waiting = std::exchange(waiting_, {});
    try {
        set_state(waiting);
    } catch (...) {
        bound_.clear(), waiting_ = waiting;
        throw;
    }
}

/// Which settings each parameter goes by.
void Optimizer::settle() {
    if (settings_.size() == bound_.size()) return;
    std::vector<Setting> settings;
    for (std::size_t i = 0; i < bound_.size(); ++i) settings.push_back({-1, weight_decay(i)});
    for (std::size_t k = 0; k < groups_.size(); ++k) {
        const ParameterGroup& group = groups_[k];
        require<std::logic_error>(
            group.names.empty() || !names_[0].empty(),
            "Optimizer: expected a module to step, as a group names its parameters by \"{}\", got "
            "a list of tensors",
            group.names.empty() ? "" : group.names[0]);
        const auto within = [](const std::string& path) {
            return [&path](const std::string& word) { return path.find(word) != std::string::npos; };
        };
        for (const std::string& word : group.names)
            require<std::invalid_argument>(
                std::ranges::any_of(paths_, [&](const std::string& path) { return within(path)(word); }),
                "Optimizer: expected a group to name parameters, got \"{}\", which none of {} contains", word,
                listed(paths_));
        for (std::size_t i = 0; i < bound_.size(); ++i) {
            const bool named = std::ranges::any_of(group.names, within(names_[i]));
            if (!named && !contains(group.parameters, bound_[i])) continue;
            if (group.learning_rate) settings[i].rate = int(k);
            if (group.weight_decay) settings[i].weight_decay = *group.weight_decay;
        }
    }
    settings_ = std::move(settings);
}

/// The gradient to use for parameter i: its own, or the accumulated one; undefined if it has none.
Tensor Optimizer::gradient(std::size_t i) const {
    if (!options_.gradient_accumulation_steps) return bound_[i].grad();
    return accumulated_[i] ? slot_of(extra(accumulator_slot) - 1, i) : Tensor();
}
void Optimizer::accumulate() {
    const double unscaled = options_.loss_scale_factor > 0 ? 1 / options_.loss_scale_factor : 1;
    for (std::size_t i = 0; i < bound_.size(); ++i) {
        const Tensor g = bound_[i].grad();
        if (!g.defined()) continue;
        accumulated_[i] = 1;
        dispatch_float(g.dtype(), "Optimizer", [&]<class T> {
            T* sum = reinterpret_cast<T*>(at(extra(accumulator_slot), i));
            sweep<T>(g.numel(), [sum, p = g.raw<T>(), factor = Batch<T>(T(unscaled))](std::int64_t k) {
                (Batch<T>::load(sum + k) + Batch<T>::load(p + k) * factor).store(sum + k);
            });
        });
    }
}

void Optimizer::move() {
    const auto& o = options_;
    settle();
    double scale = 1;
    if (o.gradient_accumulation_steps) scale /= o.gradient_accumulation_steps;
    else if (o.loss_scale_factor > 0) scale /= o.loss_scale_factor;
    std::vector<Tensor> gradients;
    for (std::size_t i = 0; i < bound_.size(); ++i) gradients.push_back(gradient(i));
    double shrink = 1;
    if (o.global_clipnorm > 0) {
        double total = 0;
        for (const Tensor& g : gradients)
            if (g.defined()) total += squared_norm(g);
        shrink = std::min(1.0, o.global_clipnorm / (std::sqrt(total) * scale));
    }
    std::vector<Stretch> stretches;
    std::atomic<bool> suspicious = false;
    for (int group = -1; group < int(groups_.size()); ++group) {
        if (group >= 0 && !groups_[std::size_t(group)].learning_rate) continue;
        const double rate = (group < 0 ? rate_ : *groups_[std::size_t(group)].learning_rate).at(calls_) * factor_;
        stretches.clear();
        for (std::size_t i = 0; i < bound_.size(); ++i) {
            const Tensor& g = gradients[i];
            if (!g.defined() || settings_[i].rate != group) continue;
            const double decay = settings_[i].weight_decay;
            Stretch s{i,
                      g.numel(),
                      at(0, i),
                      g.impl()->data,
                      {},
                      scale * shrink,
                      o.clipvalue,
                      o.coupled ? decay : 0,
                      o.coupled ? 0 : rate * decay};
            if (o.clipnorm > 0) s.scale *= std::min(1.0, o.clipnorm / (std::sqrt(squared_norm(g)) * scale));
            for (std::size_t k = 0; k < std::min(slot_names_.size(), std::size(s.slots)); ++k)
                s.slots[k] = at(k + 1, i);
            stretches.push_back(s);
        }
        if (!stretches.empty()) update({flat_[0].dtype(), rate, steps_ + 1, stretches, &suspicious});
    }
    nonfinite_.clear();
    if (suspicious)  // if only because of what lies behind a gradient's end
        for (std::size_t i = 0; i < bound_.size(); ++i)
            if (gradients[i].defined() && !all_finite(gradients[i]))
                nonfinite_ +=
                    (nonfinite_.empty() ? "" : ", ") + (names_[i].empty() ? fmt::format("parameter {}", i) : names_[i]);
    if (o.gradient_accumulation_steps) {
        const Tensor& sums = flat_[extra(accumulator_slot)];
        std::memset(sums.impl()->data, 0, bytes_of(sums));
        std::ranges::fill(accumulated_, 0);
    }
}
Tensor Optimizer::prepared(const Move& move, const Stretch& s) const {
    const Tensor g = Tensor::empty(bound_[s.parameter].shape(), move.dtype);
    Stretch own = s;
    own.slots[0] = g.impl()->data;
    each<1>({move.dtype, move.learning_rate, move.step, {&own, 1}, move.suspicious},
            [](auto&, auto from, auto& to) { to = from; });
    return g;
}

Tensor Optimizer::gathered_gradients() const {
    const Tensor row = zeros(flat_[0].shape(), flat_[0].dtype());
    for (std::size_t i = 0; i < bound_.size(); ++i)
        if (const Tensor g = bound_[i].grad(); g.defined()) row.window(g.shape(), offset_[0][i]).assign(g);
    return row;
}

void Optimizer::average() {
    const double m = steps_ == 0 ? 0 : options_.ema_momentum;
    dispatch_float(flat_[0].dtype(), "Optimizer", [&]<class T> {
        const T* w = flat_[0].raw<T>();
        T* mean = flat_[extra(average_slot)].raw<T>();
        sweep<T>(flat_[0].numel(), [=](std::int64_t i) {
            (T(m) * Batch<T>::load(mean + i) + T(1 - m) * Batch<T>::load(w + i)).store(mean + i);
        });
    });
}
void Optimizer::use_average() {
    require<std::logic_error>(options_.use_ema && !bound_.empty(),
                              "use_average: expected an optimizer with use_ema that has made a step");
    flat_[0].assign(flat_[extra(average_slot)], "use_average");
}
void Optimizer::swap_average() {
    require<std::logic_error>(options_.use_ema && !bound_.empty(),
                              "swap_average: expected an optimizer with use_ema that has made a step");
    const Tensor weights = flat_[0].copy();
    flat_[0].assign(flat_[extra(average_slot)], "swap_average");
    flat_[extra(average_slot)].assign(weights);
}

void Optimizer::step(const std::vector<Tensor>& parameters) {
    if (parameters.empty()) return;
    NoGrad unrecorded;
    bind(parameters);
    step_bound();
}
void Optimizer::step(const Module& module) {
    const auto parameters = module.parameters();
    if (parameters.empty()) return;
    NoGrad unrecorded;
    bind(parameters, &module);
    step_bound();
}
void Optimizer::step_bound() {
    const int wait = options_.gradient_accumulation_steps;
    if (wait) accumulate();
    const bool moves = !wait || (calls_ + 1) % wait == 0;
    if (moves) move();
    if (options_.use_ema) {
        average();
        const int every = options_.ema_overwrite_frequency;
        if (every && (steps_ + 1) % every == 0) use_average();
    }
    for (const Tensor& p : bound_)
        if (const auto& extras = node_of(p)->extras; extras && extras->constraint && p.grad().defined())
            Tensor(p).assign(extras->constraint(p), "Optimizer::step");
    ++calls_;
    if (moves) ++steps_;
    flat_[0].bump_version("Optimizer::step");
}

}  // namespace xg
