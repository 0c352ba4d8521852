#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>
#include "../autograd/anomaly.h"
#include "initializers.h"
#include "mode.h"

namespace xg {

class Config;

/// Something with parameters and a forward computation. Children and parameters are registered where they are declared:
///     Dense& first = child("first", Dense(64, relu));
///     Tensor scale = parameter("scale", ones({64}));
/// Movable (children live on the heap, references to them stay good), not copyable: see clone().
class Module {
public:
    Module() = default;
    Module(Module&&) = default;
    virtual ~Module() = default;

    /// Builds at the first call, then runs forward.
    Tensor operator()(const Tensor& x);
    Tensor operator()(const Tensors& xs);
    template <std::derived_from<Tensor>... More>
    Tensor operator()(const Tensor& a, const Tensor& b, const More&... more) {
        return (*this)(Tensors{a, b, more...});
    }

    /// What to compute: override the one that fits.
    virtual Tensor forward(const Tensor& x);
    virtual Tensor forward(const Tensors& xs);
    /// Creates the parameters whose shape depends on the input's.
    virtual void build(const Shape& input);
    /// What a copy needs to be made again: `config["units"] = units`.
    virtual void describe(Config& config) const;

    /// Every parameter once, by its path: "1.first.kernel".
    std::vector<std::pair<std::string, Tensor>> named_parameters() const;
    /// Parameters and buffers: what is saved.
    std::vector<std::pair<std::string, Tensor>> state() const;
    /// Counts of its own random streams, by path ("1.calls"): a resumed run goes on from them.
    std::vector<std::pair<std::string, std::uint64_t*>> counters() const;
    /// Those that are not frozen.
    std::vector<Tensor> parameters() const;
    /// All elements of all parameters, frozen ones too.
    std::int64_t count_parameters() const;
    /// Takes the parameters, here and below, out of training; or puts them back.
    void freeze(bool on = true);
    bool frozen() const { return frozen_; }
    /// Changes parameters and buffers to another floating type.
    void to(DType dtype);
    std::shared_ptr<Module> clone() const;

    bool built() const { return built_; }
    std::string type() const;
    const Shape& output_shape() const { return output_shape_; }
    struct Child {
        std::string name;
        std::shared_ptr<Module> module;
    };
    const std::vector<Child>& children() const { return children_; }

protected:
    /// Takes over a module, or shares one made with share().
    template <std::derived_from<Module> M> M& child(std::string name, M module) {
        return child(std::move(name), std::make_shared<M>(std::move(module)));
    }
    template <std::derived_from<Module> M> M& child(std::string name, std::shared_ptr<M> module) {
        M& m = *module;
        adopt(std::move(name), std::move(module));
        return m;
    }
    void adopt(std::string name, std::shared_ptr<Module> module);
    /// The way in for functions other than forward (`step(x, state)`, `attend(query, value, mask)`): builds at the
    /// first call and names this module in errors, then returns what f returns.
    template <class F> auto enter(const Tensor& first, F f) {
        try {
            const detail::Scope running(name_, this,
                                        [](const void* m) { return static_cast<const Module*>(m)->type(); });
            if (!built_) build_for(first);
            return f();
        } catch (ShapeError& e) {
            e.within(name_, type());
            throw;
        }
    }
    Tensor parameter(std::string name, const Tensor& value);
    Tensor parameter(std::string name, const Shape& shape, const Box<Initializer>& initializer);
    /// State that no gradient reaches.
    Tensor buffer(std::string name, const Tensor& value);

    /// A count that a checkpoint keeps, of the draws from a random stream: `std::uint64_t& calls_ = counter("calls");`
    std::uint64_t& counter(std::string name);

private:
    struct Entry {
        std::string name;
        Tensor value;
        bool trainable;
    };
    void count(const std::string& path, std::vector<std::pair<std::string, std::uint64_t*>>& all) const;
    void build_for(const Tensor& first);
    Tensor finish(const Tensor& first, Tensor y);
    void collect(std::vector<Tensor>& all) const;
    template <class F> void visit(const std::string& path, const F& f) const;
    void match(const Module& other);

    std::string name_;  // the first one a parent gave: for errors; a shared module has several
    std::vector<Entry> entries_;
    std::vector<std::pair<std::string, std::unique_ptr<std::uint64_t>>> counters_;
    std::vector<Child> children_;
    Shape input_shape_, output_shape_;
    DType dtype_ = f32;
    bool built_ = false, frozen_ = false;
};

/// A layer to be used in several places: `auto tower = share(Dense(8, tanh));` (make_shared cannot pass an overloaded
/// name.)
template <std::derived_from<Module> M> std::shared_ptr<M> share(M module) {
    return std::make_shared<M>(std::move(module));
}

}  // namespace xg
