#include "optimizer.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include "../autograd/node.h"
#include "../tensor/create.h"
#include "../tensor/parallel.h"
#include "each.h"

namespace xg {

namespace {
constexpr std::int64_t alignment = 16;  // elements: whole vectors of either type
constexpr const char* average_slot = "average";
constexpr const char* accumulator_slot = "gradient_accumulator";

/// Blocks of 4096 added in a fixed tree.
double squared_norm(const Tensor& g) {
    return dispatch_float(g.dtype(), "Optimizer", [&]<class T> {
        const T* p = g.raw<T>();
        return reduce(
            g.numel(), 4096, 0.2,
            [p](std::int64_t first, std::int64_t last) {
                double total = 0;
                for (; first < last; ++first) total += double(p[first]) * double(p[first]);
                return total;
            },
            [](double a, double b) { return a + b; });
    });
}
bool contains(const std::vector<Tensor>& all, const Tensor& x) {
    return std::ranges::any_of(all, [&](const Tensor& t) { return t.impl() == x.impl(); });
}
std::size_t bytes_of(const Tensor& t) { return std::size_t(t.numel()) * size_of(t.dtype()); }
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
    if (o.use_ema) slot_names_.push_back(average_slot);
    if (o.gradient_accumulation_steps) slot_names_.push_back(accumulator_slot);
}
Optimizer::Optimizer(const Optimizer& o) : rate_(o.rate_), options_(o.options_), slot_names_(o.slot_names_) {}

void Optimizer::minimize(const Tensor& cost, const std::vector<Tensor>& parameters) {
    cost.backward();
    step(parameters);
    zero_grad(parameters);
}

std::byte* Optimizer::at(std::size_t flat, std::size_t parameter) const {
    return flat_[flat].impl()->data + std::size_t(offset_[parameter]) * size_of(flat_[0].dtype());
}
std::size_t Optimizer::slot(const char* name) const {
    return std::size_t(std::ranges::find(slot_names_, name) - slot_names_.begin()) + 1;
}

/// The set is compared at each step, so freezing a layer between steps needs no further call.
bool Optimizer::bound_to(const std::vector<Tensor>& parameters) const {
    if (parameters.size() != bound_.size()) return false;
    for (std::size_t i = 0; i < bound_.size(); ++i)
        if (parameters[i].impl() != bound_[i].impl() || bound_[i].impl()->data != at(0, i)) return false;
    return true;
}

void Optimizer::bind(const std::vector<Tensor>& parameters) {
    if (bound_to(parameters)) return;
    const DType dtype = parameters[0].dtype();
    std::vector<std::int64_t> offset;
    std::int64_t total = 0;
    for (const Tensor& p : parameters) {
        require(p.dtype() == dtype, "Optimizer: expected parameters of one dtype, got {} and {}", name_of(dtype),
                name_of(p.dtype()));
        offset.push_back(total);
        total += (p.numel() + alignment - 1) / alignment * alignment;
    }
    std::vector<Tensor> flat;
    for (std::size_t s = 0; s <= slot_names_.size(); ++s) flat.push_back(zeros({total}, dtype));
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const auto place = [&](std::size_t s) {
            return flat[s].impl()->data + std::size_t(offset[i]) * size_of(dtype);
        };
        // What has been learned about a parameter stays when the set changes.
        const auto old = std::size_t(
            std::ranges::find_if(bound_, [&](auto& b) { return b.impl() == parameters[i].impl(); }) - bound_.begin());
        const bool known = old < bound_.size() && flat_[0].dtype() == dtype;
        for (std::size_t s = 1; known && s < flat.size(); ++s)
            std::memcpy(place(s), at(s, old), bytes_of(parameters[i]));
        std::memcpy(place(0), parameters[i].impl()->data, bytes_of(parameters[i]));
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        TensorImpl& p = *parameters[i].impl();
        p.storage = flat[0].impl()->storage;
        p.data = flat[0].impl()->data + std::size_t(offset[i]) * size_of(dtype);
    }
    bound_ = parameters, offset_ = std::move(offset), flat_ = std::move(flat);
    for (auto& [name, stored] : waiting_)
        for (std::size_t s = 0; s < slot_names_.size(); ++s)
            for (std::size_t i = 0; i < bound_.size(); ++i)
                if (name == fmt::format("{}.{}", slot_names_[s], i))
                    flat_[s + 1].window(bound_[i].shape(), offset_[i]).assign(stored, "set_state");
    waiting_.clear();
}

Tensor Optimizer::gradient(std::size_t i) const {
    const Tensor g = bound_[i].grad();
    if (!g.defined() || !options_.gradient_accumulation_steps) return g;
    return flat_[slot(accumulator_slot)].window(bound_[i].shape(), offset_[i]);
}

void Optimizer::accumulate() {
    for (std::size_t i = 0; i < bound_.size(); ++i) {
        const Tensor g = bound_[i].grad();
        if (!g.defined()) continue;
        dispatch_float(g.dtype(), "Optimizer", [&]<class T> {
            T* sum = reinterpret_cast<T*>(at(slot(accumulator_slot), i));
            for (std::int64_t k = 0; k < g.numel(); ++k) sum[k] += g.raw<T>()[k];
        });
    }
}

void Optimizer::move(double rate) {
    const auto& o = options_;
    double scale = 1;
    if (o.loss_scale_factor > 0) scale /= o.loss_scale_factor;
    if (o.gradient_accumulation_steps) scale /= o.gradient_accumulation_steps;
    double shrink = 1;
    if (o.global_clipnorm > 0) {
        double total = 0;
        for (std::size_t i = 0; i < bound_.size(); ++i)
            if (const Tensor g = gradient(i); g.defined()) total += squared_norm(g);
        shrink = std::min(1.0, o.global_clipnorm / (std::sqrt(total) * scale));
    }
    for (std::size_t i = 0; i < bound_.size(); ++i) {
        const Tensor g = gradient(i);
        if (!g.defined()) continue;
        double own = scale * shrink;
        if (o.clipnorm > 0) own *= std::min(1.0, o.clipnorm / (std::sqrt(squared_norm(g)) * scale));
        const double decay = contains(undecayed_, bound_[i]) ? 0 : rate * o.weight_decay;
        Stretch s{g.dtype(), g.numel(), at(0, i), g.impl()->data, {}, steps_ + 1, own, o.clipvalue, decay};
        for (std::size_t k = 0; k < std::min(slot_names_.size(), std::size(s.slots)); ++k) s.slots[k] = at(k + 1, i);
        update(s, rate);
    }
    if (o.gradient_accumulation_steps) {
        const Tensor& sums = flat_[slot(accumulator_slot)];
        std::memset(sums.impl()->data, 0, bytes_of(sums));
    }
}

void Optimizer::average() {
    const double m = steps_ == 0 ? 0 : options_.ema_momentum;
    dispatch_float(flat_[0].dtype(), "Optimizer", [&]<class T> {
        const T* w = flat_[0].raw<T>();
        T* mean = flat_[slot(average_slot)].raw<T>();
        for (std::int64_t i = 0; i < flat_[0].numel(); ++i) mean[i] = T(m) * mean[i] + T(1 - m) * w[i];
    });
}
void Optimizer::use_average() {
    require<std::logic_error>(options_.use_ema && !bound_.empty(),
                              "use_average: expected an optimizer with use_ema that has made a step");
    Tensor values = flat_[0];
    values.assign(flat_[slot(average_slot)], "use_average");
}

void Optimizer::step(const std::vector<Tensor>& parameters) {
    if (parameters.empty()) return;
    NoGrad unrecorded;
    bind(parameters);
    const int wait = options_.gradient_accumulation_steps;
    if (wait) accumulate();
    const bool moves = !wait || (calls_ + 1) % wait == 0;
    if (moves) move(learning_rate());
    if (options_.use_ema) {
        average();
        const int every = options_.ema_overwrite_frequency;
        if (every && (steps_ + 1) % every == 0) use_average();
    }
    ++calls_;
    if (moves) ++steps_;
    flat_[0].bump_version("Optimizer::step");
}

void Optimizer::exclude_from_weight_decay(const std::vector<Tensor>& parameters) {
    undecayed_.insert(undecayed_.end(), parameters.begin(), parameters.end());
}

std::vector<std::pair<std::string, Tensor>> Optimizer::state() const {
    std::vector<std::pair<std::string, Tensor>> all{{"calls", full({}, calls_, i64)},
                                                    {"steps", full({}, steps_, i64)},
                                                    {"learning_rate_factor", full({}, factor_, f64)}};
    for (const Slot& slot : slots())
        for (std::size_t i = 0; i < slot.values.size(); ++i)
            all.emplace_back(fmt::format("{}.{}", slot.name, i), slot.values[i]);
    return all;
}
void Optimizer::set_state(const std::vector<std::pair<std::string, Tensor>>& state) {
    for (auto& [name, stored] : state) {
        if (name == "calls") calls_ = stored.item<std::int64_t>();
        if (name == "steps") steps_ = stored.item<std::int64_t>();
        if (name == "learning_rate_factor") factor_ = stored.item();
    }
    waiting_ = state;
}
std::int64_t Optimizer::count_parameters() const {
    if (bound_.empty()) return 0;
    std::int64_t numbers = 0;
    for (const Tensor& p : bound_) numbers += p.numel();
    return numbers * std::int64_t(slot_names_.size()) + 1 + rate_.constant();
}
std::vector<Optimizer::Slot> Optimizer::slots() const {
    std::vector<Slot> all;
    for (std::size_t s = 0; s < slot_names_.size() && !bound_.empty(); ++s) {
        Slot slot{slot_names_[s], {}};
        for (std::size_t i = 0; i < bound_.size(); ++i)
            slot.values.push_back(flat_[s + 1].window(bound_[i].shape(), offset_[i]));
        all.push_back(std::move(slot));
    }
    return all;
}

}  // namespace xg
