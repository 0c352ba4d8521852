#pragma once
// Graphs of layers, as in Keras' functional form:
//     Input title({100}), body({400});
//     auto tower = share(Sequential{Dense(64, relu), Dense(32)});         // one set of weights
//     Symbol both = concatenate({title | tower, body | tower});
//     Symbol deep = relu(both + Dense(64)(both));
//     Model model({title, body}, {{"priority", deep | Dense(1)}, {"department", deep | Dense(4)}});
#include <initializer_list>
#include <string>
#include <vector>
#include "sequential.h"

namespace xg {

namespace detail {
struct Call;
}

/// A value that a layer will give. Recorded, not computed: each layer is built and tried on one example of zeros as it
/// is called, so that a shape that does not fit is an error in that line.
class Symbol {
public:
    /// The beginning of a graph. A variable of type Input is the same input wherever it stands.
    Symbol(const Input& input);
    Symbol(std::shared_ptr<detail::Call> call, std::size_t output) : call_(std::move(call)), output_(output) {}
    /// With -1 for the batch: (-1, 64).
    Shape shape() const;
    DType dtype() const;
    const std::shared_ptr<detail::Call>& call() const { return call_; }
    std::size_t output() const { return output_; }

private:
    std::shared_ptr<detail::Call> call_;
    std::size_t output_;  // of the call's outputs
};
using Symbols = std::vector<Symbol>;

/// A layer on a symbol: `x | Dense(64, relu) | Dropout(0.5) | tower`. The layer is moved in; to use it twice, make it
/// with share(...). Functions are layers: `x | relu`; so is `x | Layer{"hidden", Dense(64)}`, which gives it a name.
Symbol operator|(const Symbol& x, Layer layer);
/// On several: `Symbols{query, value} | Attention()`.
Symbol operator|(const Symbols& xs, Layer layer);
/// All outputs of a layer that has several.
Symbols outputs_of(Layer layer, const Symbols& xs);

Symbol operator+(const Symbol& a, const Symbol& b);
Symbol operator-(const Symbol& a, const Symbol& b);
Symbol operator*(const Symbol& a, const Symbol& b);
Symbol operator/(const Symbol& a, const Symbol& b);
Symbol operator+(const Symbol& a, double b);
Symbol operator-(const Symbol& a, double b);
Symbol operator*(const Symbol& a, double b);
Symbol operator/(const Symbol& a, double b);
Symbol operator+(double a, const Symbol& b);
Symbol operator-(double a, const Symbol& b);
Symbol operator*(double a, const Symbol& b);
Symbol operator-(const Symbol& x);
Symbol maximum(const Symbol& a, const Symbol& b);
Symbol minimum(const Symbol& a, const Symbol& b);
Symbol concatenate(const Symbols& xs, int axis = -1);
/// `shape` without the batch.
Symbol reshape(const Symbol& x, const Shape& shape);

// Functions of each element; others: `x | [](const Tensor& v) { return ...; }`.
Symbol abs(const Symbol& x);
Symbol cos(const Symbol& x);
Symbol elu(const Symbol& x);
Symbol exp(const Symbol& x);
Symbol gelu(const Symbol& x);
Symbol leaky_relu(const Symbol& x);
Symbol log(const Symbol& x);
Symbol relu(const Symbol& x);
Symbol selu(const Symbol& x);
Symbol sigmoid(const Symbol& x);
Symbol silu(const Symbol& x);
Symbol sin(const Symbol& x);
Symbol softmax(const Symbol& x);
Symbol softplus(const Symbol& x);
Symbol sqrt(const Symbol& x);
Symbol square(const Symbol& x);
Symbol tanh(const Symbol& x);

/// The calls between inputs and outputs, run in the order in which they were recorded. A child has its layer's given
/// name, or its class's with a number: "dense", "dense_1".
class Functional : public Module {
public:
    /// One symbol or several in braces.
    struct Inputs : Symbols {
        template <std::convertible_to<Symbol> S> Inputs(const S& one) : Symbols{Symbol(one)} {}
        Inputs(std::initializer_list<Symbol> several) : Symbols(several) {}
        Inputs(Symbols several) : Symbols(std::move(several)) {}
    };
    /// A symbol as a result, with the name that logs give it if it is not its layer's.
    struct Output {
        Output(Symbol s) : symbol(std::move(s)) {}
        Output(std::string called, Symbol s) : name(std::move(called)), symbol(std::move(s)) {}
        std::string name;
        Symbol symbol;
    };
    struct Outputs : std::vector<Output> {
        template <std::convertible_to<Symbol> S> Outputs(const S& one) : vector{Output(Symbol(one))} {}
        Outputs(std::initializer_list<Output> several) : vector(several) {}
        Outputs(std::vector<Output> several) : vector(std::move(several)) {}
    };
    Functional(const Inputs& inputs, const Outputs& outputs);
    Tensor forward(const Tensor& x) override;
    Tensor forward(const Tensors& xs) override;
    Tensors forward_all(const Tensors& xs) override;
    std::vector<std::string> output_names() const override { return output_names_; }
    void describe(Config& config) const override;
    static Functional from_config(const Config& config);

protected:
    MaskFate mask_fate() const override { return MaskFate::used; }  // by the layers

private:
    struct Value {
        std::size_t step, output;
    };
    struct Step {
        std::size_t child;
        std::vector<Value> from;             // nothing for the inputs, which come first
        std::vector<std::size_t> last_uses;  // steps whose outputs nobody needs after this one
    };
    std::size_t child_of(const std::shared_ptr<Module>& layer, const std::string& name);
    void find_last_uses();

    std::vector<Step> steps_;
    std::size_t inputs_ = 0;
    std::vector<Value> outputs_;
    std::vector<std::string> output_names_;
};

}  // namespace xg
