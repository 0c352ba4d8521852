#include "module.h"
#include <algorithm>
#include <cxxabi.h>
#include <set>
#include <typeinfo>
#include "../autograd/node.h"
#include "config.h"

namespace xg {

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
/// The mask of the input goes on with the output as long as it still has the same (batch, steps).
Tensor Module::finish(const Tensor& first, Tensor y) {
    output_shape_ = y.shape();
    const Tensor mask = first.mask();
    if (mask.defined() && !y.mask().defined() && y.shape().rank() > 2 && y.shape()[0] == mask.shape()[0] &&
        y.shape()[1] == mask.shape()[1])
        y.set_mask(mask);
    return y;
}
Tensor Module::operator()(const Tensor& x) {
    return enter(x, [&] { return finish(x, forward(x)); });
}
Tensor Module::operator()(const Tensors& xs) {
    require<std::invalid_argument>(!xs.empty(), "{}: expected at least one input, got none", type());
    return enter(xs[0], [&] { return finish(xs[0], xs.size() == 1 ? forward(xs[0]) : forward(xs)); });
}

Tensor Module::forward(const Tensor&) { fail<std::logic_error>("{}: expected several inputs, got 1", type()); }
Tensor Module::forward(const Tensors& xs) { fail<std::logic_error>("{}: expected 1 input, got {}", type(), xs.size()); }
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
Tensor Module::parameter(std::string name, const Tensor& value) {
    value.require_grad(!frozen_);
    entries_.push_back({std::move(name), value, true});
    return value;
}
Tensor Module::parameter(std::string name, const Shape& shape, const Box<Initializer>& initializer) {
    return parameter(std::move(name), (*initializer)(shape, dtype_));
}
Tensor Module::buffer(std::string name, const Tensor& value) {
    entries_.push_back({std::move(name), value, false});
    return value;
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
            std::ranges::none_of(list, [&](auto& p) { return p.impl() == e.value.impl(); }))
            list.push_back(e.value);
    for (auto& c : children_) c.module->collect(list);
}
std::vector<Tensor> Module::parameters() const {
    std::vector<Tensor> list;
    collect(list);
    return list;
}
std::int64_t Module::count_parameters() const {
    std::int64_t total = 0;
    for (auto& [name, value] : named_parameters()) total += value.numel();
    return total;
}
void Module::freeze(bool on) {
    frozen_ = on;
    for (auto& e : entries_)
        if (e.trainable) e.value.require_grad(!on);
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
            if (wanted) e.value.require_grad();
        }
    for (auto& c : children_) c.module->to(dtype);
}

/// Builds like `other` and takes its values, so that a copy starts where the original is.
void Module::match(const Module& other) {
    dtype_ = other.dtype_;
    if (other.built_ && !built_) {
        build(input_shape_ = other.input_shape_);
        built_ = true;
    }
    output_shape_ = other.output_shape_;
    for (std::size_t i = 0; i < entries_.size(); ++i) entries_[i].value.assign(other.entries_[i].value);
    for (std::size_t i = 0; i < children_.size(); ++i) children_[i].module->match(*other.children_[i].module);
    freeze(other.frozen_);
}
std::shared_ptr<Module> Module::clone() const {
    Config config;
    describe(config);
    auto copy = make_module(type(), config);
    copy->match(*this);
    return copy;
}

}  // namespace xg
