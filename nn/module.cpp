#include "module.h"
#include <algorithm>
#include <cxxabi.h>
#include <set>
#include <typeinfo>
#include "../autograd/hook.h"
#include "../autograd/ops/arithmetic.h"
#include "config.h"
#include "layers/layer_function.h"

namespace xg {

Module::Module() = default;
Module::Module(Module&&) noexcept = default;
Module::~Module() = default;

void Module::build_for(const Tensor& first) {
    if (is_float(first.dtype())) dtype_ = first.dtype();
    const auto before = entries_.size();
    try {
        NoGrad unrecorded;
        build(first.shape());
    } catch (...) {
        entries_.erase(entries_.begin() + std::ptrdiff_t(before), entries_.end());
        throw;
    }
    input_shape_ = first.shape();
    built_ = true;
}
Tensor Module::finish(const Tensor* inputs, std::size_t count, Tensor y) {
    if (hooks_)
        hooks_->each([&](const ForwardHook& f) {
            if (Tensor other = f(*this, Tensors(inputs, inputs + count), y); other.defined()) y = std::move(other);
        });
    output_shape_ = y.shape();
    const Tensor mask = inputs[0].mask();
    if (!mask.defined() || y.mask().defined()) return y;
    const bool steps_stay = y.shape().rank() > 2 && y.shape()[0] == mask.shape()[0] && y.shape()[1] == mask.shape()[1];
    const MaskFate fate = mask_fate();
    if (steps_stay && fate == MaskFate::goes_on) y.set_mask(mask);
    else if (children_.empty() && fate != MaskFate::used && !std::exchange(warned_, true))
        warn("{}: the mask {} of its input is lost, as its output {} has no such steps",
             name_.empty() ? type() : fmt::format("{} ({})", name_, type()), mask.shape(), y.shape());
    return y;
}
Tensor Module::operator()(const Tensor& x) {
    return enter(x, [&] { return finish(&x, 1, forward(x)); });
}
Tensor Module::operator()(const Tensors& xs) {
    if (xs.empty()) fail<std::invalid_argument>("{}: expected at least one input, got none", type());  // type() is slow
    return enter(xs[0], [&] { return finish(xs.data(), xs.size(), xs.size() == 1 ? forward(xs[0]) : forward(xs)); });
}
Hook Module::on_forward(ForwardHook f) {
    if (!hooks_) hooks_ = std::make_unique<Hooks<ForwardHook>>();
    return hooks_->add(std::move(f));
}
Tensors Module::outputs(const Tensors& xs) {
    if (xs.empty()) fail<std::invalid_argument>("{}: expected at least one input, got none", type());  // type() is slow
    return enter(xs[0], [&] {
        Tensors ys = forward_all(xs);
        ys.at(0) = finish(xs.data(), xs.size(), std::move(ys.at(0)));  // others, such as states, have no steps
        return ys;
    });
}
/// Only once both have been called: then their shapes are known. Anomaly mode names every layer on its own.
Tensor Module::together(const Tensor& x, Module& next) {
    if (!built_ || !next.built_ || modes.anomaly || hooks_ || next.hooks_) return {};
    return enter(x, [&] {
        const Tensor y = forward_together(x, next);
        return y.defined() ? next.finish(&x, 1, y) : y;
    });
}
Tensor Module::forward_together(const Tensor&, const Module&) { return {}; }

Tensor Module::forward(const Tensor&) { fail<std::logic_error>("{}: expected several inputs, got 1", type()); }
Tensor Module::forward(const Tensors& xs) { fail<std::logic_error>("{}: expected 1 input, got {}", type(), xs.size()); }
Tensors Module::forward_all(const Tensors& xs) { return {xs.size() == 1 ? forward(xs[0]) : forward(xs)}; }
void Module::build(const Shape&) {}
void Module::describe(Config&) const {
    fail<std::logic_error>("{}: expected describe() to be overridden, as copying and saving need it", type());
}

std::string Module::type() const {
    std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(typeid(*this).name(), nullptr, nullptr, nullptr),
                                                std::free);
    const std::string full = name.get();
    return full.substr(full.rfind("::") == std::string::npos ? 0 : full.rfind("::") + 2);
}

void Module::adopt(std::string name, std::shared_ptr<Module> module) {
    for (auto& c : children_)
        require<std::invalid_argument>(c.name != name, "{}: expected children of different names, got {} twice", type(),
                                       name);
    if (module->name_.empty()) module->name_ = name;
    children_.push_back({std::move(name), std::move(module)});
}
void Module::adopt(const Function& activation) {
    if (const auto* f = activation.target<LayerFunction>()) adopt("activation", f->shared());
}
/// The gradient's accumulator carries the constraint to whoever moves the parameter.
void Module::Entry::require_grad(bool on) const {
    value.require_grad(on);
    if (!on || !constraint || (node_of(value)->extras && node_of(value)->extras->constraint)) return;
    constrain(value, [c = constraint](const Tensor& w) { return (*c)(w); });
}
Tensor Module::parameter(std::string name, const Tensor& value, Box<Regularizer> regularizer,
                         Box<Constraint> constraint) {
    entries_.push_back({std::move(name), value, true, std::move(regularizer), std::move(constraint)});
    entries_.back().require_grad(!frozen_);
    return value;
}
Tensor Module::parameter(std::string name, const Shape& shape, const Box<Initializer>& initializer,
                         Box<Regularizer> regularizer, Box<Constraint> constraint) {
    const Shape kernel = entries_.empty() ? shape : entries_.back().value.shape();
    return parameter(std::move(name), initializer->beside(kernel, shape, dtype_), std::move(regularizer),
                     std::move(constraint));
}
Tensor Module::buffer(std::string name, const Tensor& value) {
    entries_.push_back({std::move(name), value, false});
    return value;
}
Tensor Module::buffer(std::string name, const Shape& shape, const Box<Initializer>& initializer) {
    return buffer(std::move(name), (*initializer)(shape, dtype_));
}

std::uint64_t& Module::counter(std::string name) {
    counters_.emplace_back(std::move(name), std::make_unique<std::uint64_t>(0));
    return *counters_.back().second;
}
void Module::count(const std::string& path, std::vector<std::pair<std::string, std::uint64_t*>>& found) const {
    for (auto& [name, n] : counters_) found.emplace_back(path + name, n.get());
    for (auto& c : children_) c.module->count(path + c.name + ".", found);
}
std::vector<std::pair<std::string, std::uint64_t*>> Module::counters() const {
    std::vector<std::pair<std::string, std::uint64_t*>> found;
    count("", found);
    return found;
}

template <class F> void Module::visit(const std::string& path, const F& f) const {
    for (auto& e : entries_) f(path + e.name, e, *this);
    for (auto& c : children_) c.module->visit(path + c.name + ".", f);
}
std::vector<std::pair<std::string, Tensor>> Module::named_parameters() const {
    std::vector<std::pair<std::string, Tensor>> list;
    std::set<const TensorImpl*> seen;
    visit("", [&](const std::string& path, const Entry& e, const Module&) {
        if (e.trainable && seen.insert(e.value.impl()).second) list.emplace_back(path, e.value);
    });
    return list;
}
std::vector<std::pair<std::string, Tensor>> Module::state() const {
    auto list = named_parameters();
    visit("", [&](const std::string& path, const Entry& e, const Module&) {
        if (!e.trainable) list.emplace_back(path, e.value);
    });
    return list;
}
void Module::collect(std::vector<Tensor>& list) const {
    for (auto& e : entries_)
        if (e.trainable && e.value.requires_grad() &&
            std::ranges::none_of(list, [&](auto& p) { return p.impl() == e.value.impl(); })) {
            e.require_grad(true);  // the accumulator may be another by now: it learns of the constraint
            list.push_back(e.value);
        }
    for (auto& c : children_) c.module->collect(list);
}
std::vector<Tensor> Module::parameters() const {
    std::vector<Tensor> list;
    collect(list);
    return list;
}
void Module::forget_losses() {
    losses_.clear();
    for (auto& c : children_) c.module->forget_losses();
}
void Module::add_loss(const Tensor& loss) {
    require(loss.numel() == 1, "add_loss: expected a scalar, got shape {}", loss.shape());
    losses_.push_back(loss);
}
Tensor Module::regularized(const Tensor& y, const Box<Regularizer>& activity) {
    if (activity && y.numel()) add_loss((*activity)(y) / double(y.rank() ? y.shape()[0] : 1));
    return y;
}
/// What is shared counts once.
void Module::collect_losses(std::vector<Tensor>& losses, std::vector<const TensorImpl*>& seen) const {
    const auto fresh = [&](const Tensor& x) {
        if (std::ranges::find(seen, x.impl()) != seen.end()) return false;
        seen.push_back(x.impl());
        return true;
    };
    for (auto& e : entries_)
        if (e.regularizer && e.value.requires_grad() && fresh(e.value)) losses.push_back((*e.regularizer)(e.value));
    for (auto& loss : losses_)
        if (fresh(loss)) losses.push_back(loss);
    for (auto& c : children_) c.module->collect_losses(losses, seen);
}
Tensor Module::penalty() const {
    std::vector<Tensor> losses;
    std::vector<const TensorImpl*> seen;
    collect_losses(losses, seen);
    Tensor total;
    for (const Tensor& loss : losses) total = total.defined() ? total + loss : loss;
    return total;
}
Tensor Module::penalized(Tensor loss) const {
    const Tensor more = penalty();
    return more.defined() ? loss + more : loss;
}
std::int64_t Module::count_parameters() const {
    std::int64_t total = 0;
    for (auto& [name, value] : named_parameters()) total += value.numel();
    return total;
}
void Module::freeze(bool on) {
    frozen_ = on;
    for (auto& e : entries_)
        if (e.trainable) e.require_grad(!on);
    for (auto& c : children_) c.module->freeze(on);
}
void Module::to(DType dtype) {
    dtype_ = dtype;
    for (auto& e : entries_)
        if (is_float(e.value.dtype())) {
            const bool wanted = e.value.requires_grad();
            const Tensor other = e.value.detach().to(dtype);
            TensorImpl& p = *e.value.impl();  // the same handle keeps its place in members and optimizers
            p.storage = other.impl()->storage, p.data = other.impl()->data, p.dtype = dtype;
            p.node = {};
            if (wanted) e.require_grad(true);
        }
    for (auto& c : children_) c.module->to(dtype);
}

/// Builds like `other` and takes its values, so that a copy starts where the original is.
void Module::match(const Module& other) {
    if (built_ && dtype_ != other.dtype_) to(other.dtype_);
    dtype_ = other.dtype_;
    if (other.built_ && !built_) {
        build(input_shape_ = other.input_shape_);
        built_ = true;
    }
    output_shape_ = other.output_shape_;
    frozen_ = other.frozen_;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        entries_[i].value.assign(other.entries_[i].value);
        if (entries_[i].trainable) entries_[i].value.require_grad(!frozen_);
    }
    for (std::size_t i = 0; i < children_.size(); ++i) children_[i].module->match(*other.children_[i].module);
}
std::shared_ptr<Module> Module::clone() const {
    Config config;
    describe(config);
    auto copy = make_module(registered_name(*this), config);
    copy->match(*this);
    return copy;
}

std::vector<std::pair<std::string, Shape>> Module::input_shapes() const {
    std::vector<std::pair<std::string, Shape>> shapes;
    if (built_) shapes.emplace_back("", input_shape_);
    for (auto& c : children_)
        for (auto& [path, shape] : c.module->input_shapes())
            shapes.emplace_back(path.empty() ? c.name : c.name + "." + path, shape);
    return shapes;
}
void Module::build_from(const std::vector<std::pair<std::string, Shape>>& shapes, DType dtype) {
    dtype_ = dtype;
    for (auto& [path, shape] : shapes)
        if (path.empty() && !built_) {
            build(input_shape_ = shape);
            built_ = true;
        }
    for (auto& c : children_) {
        std::vector<std::pair<std::string, Shape>> below;
        for (auto& [path, shape] : shapes)
            if (path == c.name) below.emplace_back("", shape);
            else if (path.starts_with(c.name + ".")) below.emplace_back(path.substr(c.name.size() + 1), shape);
        c.module->build_from(below, dtype);
    }
}

Module& Module::get_layer(const std::string& path) const {
    const auto dot = path.find('.');
    std::string names;
    for (const Child& c : children_) {
        if (c.name == path.substr(0, dot))
            return dot == std::string::npos ? *c.module : c.module->get_layer(path.substr(dot + 1));
        names += (names.empty() ? "" : ", ") + c.name;
    }
    fail<std::invalid_argument>("get_layer: expected the name of a layer, {}, got \"{}\"",
                                names.empty() ? "of which there is none" : "one of " + names, path);
}
Module& Module::get_layer(std::size_t index) const {
    require<std::invalid_argument>(index < children_.size(), "get_layer: expected an index below {}, got {}",
                                   children_.size(), index);
    return *children_[index].module;
}

}  // namespace xg
