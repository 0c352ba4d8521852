#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>
#include "../autograd/hook.h"
#include "constraints.h"
#include "initializers.h"
#include "mode.h"
#include "regularizers.h"

namespace xg {

class Config;
class Function;
class Symbol;

/// What becomes of the mask (batch, steps) that rides on a layer's input.
enum class MaskFate {
    goes_on,  // with the output, while that has these axes
    lost,     // steps change places: a layer without children warns
    used      // it was heeded, and ends here
};

/// Something with parameters and a forward computation. Children and parameters are registered where they are declared:
///     Dense& first = child("first", Dense(64, relu));
///     Tensor scale = parameter("scale", ones({64}));
/// Movable (children live on the heap, references to them stay good), not copyable: see clone().
class Module : public std::enable_shared_from_this<Module> {
public:
    Module();
    Module(Module&&) noexcept;
    virtual ~Module();

    /// Builds at the first call, then runs forward.
    Tensor operator()(const Tensor& x);
    Tensor operator()(const Tensors& xs);
    template <std::derived_from<Tensor>... More>
    Tensor operator()(const Tensor& a, const Tensor& b, const More&... more) {
        return (*this)(Tensors{a, b, more...});
    }
    /// All outputs of a module that has several.
    Tensors outputs(const Tensors& xs);
    /// Recorded in a graph of layers, see functional.h. A temporary is copied, which takes a layer of the library; for
    /// others: `x | Residual()`.
    Symbol operator()(const Symbol& x) &;
    Symbol operator()(const Symbol& x) &&;
    Symbol operator()(const std::vector<Symbol>& xs) &;
    Symbol operator()(const std::vector<Symbol>& xs) &&;

    /// What to compute: override the one that fits.
    virtual Tensor forward(const Tensor& x);
    virtual Tensor forward(const Tensors& xs);
    using ForwardHook = std::function<Tensor(const Module& module, const Tensors& inputs, const Tensor& output)>;
    /// Calls f after every forward as long as the Hook lives; what f returns, unless undefined, takes the output's
    /// place. For the gradient that comes back to the output: on_gradient(output, ...) in f.
    Hook on_forward(ForwardHook f);
    /// One output, what forward gives, unless overridden.
    virtual Tensors forward_all(const Tensors& xs);
    /// What the outputs are called in logs, if there are several.
    virtual std::vector<std::string> output_names() const { return {}; }
    /// This layer and the next in one pass where they have one, else an undefined tensor: Sequential asks before it
    /// calls them one by one.
    Tensor together(const Tensor& x, Module& next);
    virtual Tensor forward_together(const Tensor& x, const Module& next);
    /// Creates the parameters whose shape depends on the input's.
    virtual void build(const Shape& input);
    /// What a copy needs to be made again: `config.set("units", units)`.
    virtual void describe(Config& config) const;

    /// Every parameter once, by its path: "1.first.kernel".
    std::vector<std::pair<std::string, Tensor>> named_parameters() const;
    /// Parameters and buffers: what is saved.
    std::vector<std::pair<std::string, Tensor>> state() const;
    /// Counts of its own random streams, by path ("1.calls"): a resumed run goes on from them.
    std::vector<std::pair<std::string, std::uint64_t*>> counters() const;
    /// Those that are not frozen.
    std::vector<Tensor> parameters() const;
    /// What the loss grows by: regularizers of the parameters that are not frozen, and what layers added in the last
    /// call (activity regularizers, add_loss). A scalar; undefined if there is nothing.
    Tensor penalty() const;
    /// loss + penalty()
    Tensor penalized(Tensor loss) const;
    /// All elements of all parameters, frozen ones too.
    std::int64_t count_parameters() const;
    /// Takes the parameters, here and below, out of training; or puts them back.
    void freeze(bool on = true);
    bool frozen() const { return frozen_; }
    /// Changes parameters and buffers to another floating type.
    void to(DType dtype);
    std::shared_ptr<Module> clone() const;
    /// The shapes that this and what is below was built with, by path; and builds a new one alike.
    std::vector<std::pair<std::string, Shape>> input_shapes() const;
    void build_from(const std::vector<std::pair<std::string, Shape>>& input_shapes, DType dtype);

    bool built() const { return built_; }
    /// Whether it is another module's child.
    bool adopted() const { return !name_.empty(); }
    std::string type() const;
    const Shape& output_shape() const { return output_shape_; }
    struct Child {
        std::string name;
        std::shared_ptr<Module> module;
    };
    const std::vector<Child>& children() const { return children_; }
    /// The child of that path ("encoder.0") or at that position; throws if there is none.
    Module& get_layer(const std::string& path) const;
    Module& get_layer(std::size_t index) const;

protected:
    virtual MaskFate mask_fate() const { return MaskFate::goes_on; }
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
    /// An activation that is a layer (LayerFunction) becomes a child, so that its weights are this module's.
    void adopt(const Function& activation);
    /// The way in for functions other than forward (`step(x, state)`, `attend(query, value, mask)`): builds at the
    /// first call and names this module in errors, then returns what f returns.
    template <class F> auto enter(const Tensor& first, F f) {
        try {
            const detail::Scope running(name_, this,
                                        [](const void* m) { return static_cast<const Module*>(m)->type(); });
            if (!built_) build_for(first);
            if (running.outermost()) forget_losses();
            return f();
        } catch (ShapeError& e) {
            e.within(name_, type());
            throw;
        }
    }
    Tensor parameter(std::string name, const Tensor& value, Box<Regularizer> regularizer = {},
                     Box<Constraint> constraint = {});
    Tensor parameter(std::string name, const Shape& shape, const Box<Initializer>& initializer,
                     Box<Regularizer> regularizer = {}, Box<Constraint> constraint = {});
    /// Of new parameters: the first floating input's, or what to() said.
    DType dtype() const { return dtype_; }
    /// State that no gradient reaches.
    Tensor buffer(std::string name, const Tensor& value);
    Tensor buffer(std::string name, const Shape& shape, const Box<Initializer>& initializer);
    /// Adds a scalar computed in forward to the penalty, until the next call of the outermost module.
    void add_loss(const Tensor& loss);
    /// y, with activity(y) / batch added to the penalty.
    Tensor regularized(const Tensor& y, const Box<Regularizer>& activity);

    /// A count that a checkpoint keeps, of the draws from a random stream: `std::uint64_t& calls_ = counter("calls");`
    std::uint64_t& counter(std::string name);

private:
    struct Entry {
        std::string name;
        Tensor value;
        bool trainable;
        Box<Regularizer> regularizer = {};
        Box<Constraint> constraint = {};
        void require_grad(bool on) const;
    };
    void count(const std::string& path, std::vector<std::pair<std::string, std::uint64_t*>>& all) const;
    void build_for(const Tensor& first);
    Tensor finish(const Tensor* inputs, std::size_t count, Tensor y);
    void collect(std::vector<Tensor>& all) const;
    void collect_losses(std::vector<Tensor>& losses, std::vector<const TensorImpl*>& seen) const;
    void forget_losses();
    template <class F> void visit(const std::string& path, const F& f) const;
    void match(const Module& other);

    std::string name_;  // the first one a parent gave: for errors; a shared module has several
    std::vector<Entry> entries_;
    std::vector<std::pair<std::string, std::unique_ptr<std::uint64_t>>> counters_;
    std::vector<Child> children_;
    std::unique_ptr<Hooks<ForwardHook>> hooks_;  // few modules have any
    std::vector<Tensor> losses_;                 // of the last call
    Shape input_shape_, output_shape_;
    DType dtype_ = f32;
    bool built_ = false, frozen_ = false, warned_ = false;
};

/// A layer to be used in several places: `auto tower = share(Dense(8, tanh));` (make_shared cannot pass an overloaded
/// name.)
template <std::derived_from<Module> M> std::shared_ptr<M> share(M module) {
    return std::make_shared<M>(std::move(module));
}

}  // namespace xg
