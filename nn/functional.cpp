#include "functional.h"
#include <algorithm>
#include <atomic>
#include <map>
#include "../autograd/node.h"
#include "settings.h"
#include "layers/merge.h"
#include "layers/scale.h"
#include "layers/shape.h"

namespace xg {

namespace detail {
struct Call {
    std::uint64_t id;  // later ones are larger: an order to run them in
    std::string name;
    std::shared_ptr<Module> layer;
    Symbols inputs;
    Tensors examples;  // what the layer gave for one example
};
}  // namespace detail

namespace {
std::shared_ptr<detail::Call> call(const Layer& layer, const Symbols& inputs, Tensors examples) {
    static std::atomic<std::uint64_t> calls = 0;
    return std::make_shared<detail::Call>(detail::Call{++calls, layer.name, layer.module, inputs, std::move(examples)});
}
const Tensor& example_of(const Symbol& x) { return x.call()->examples[x.output()]; }
Symbol apply(const char* function, const Symbol& x) { return x | Activation(function); }
}  // namespace

Symbol::Symbol(const Input& input) : output_(0) {
    if (!input.call_) {
        const auto module = std::make_shared<Input>(input.options_.shape, input.options_.dtype);
        input.call_ = xg::call(Layer(module), {}, {input.example()});
    }
    call_ = input.call_;
}
Shape Symbol::shape() const {
    Shape shape = example_of(*this).shape();
    if (shape.rank() > 0) shape[0] = -1;
    return shape;
}
DType Symbol::dtype() const { return example_of(*this).dtype(); }

Symbols outputs_of(Layer layer, const Symbols& xs) {
    require<std::invalid_argument>(!xs.empty(), "{}: expected at least one symbol, got none", layer.module->type());
    Tensors examples;
    for (const Symbol& x : xs) examples.push_back(example_of(x));
    const NoGrad unrecorded;
    const Training inference(false);
    const auto made = call(layer, xs, layer.module->outputs(examples));
    Symbols out;
    for (std::size_t i = 0; i < made->examples.size(); ++i) out.emplace_back(made, i);
    return out;
}
Symbol operator|(const Symbols& xs, Layer layer) { return outputs_of(std::move(layer), xs)[0]; }
Symbol operator|(const Symbol& x, Layer layer) { return Symbols{x} | std::move(layer); }

// A layer that is called: a variable is shared if share() made it, else borrowed.
Symbol Module::operator()(const Symbol& x) & { return (*this)(Symbols{x}); }
Symbol Module::operator()(const Symbol& x) && { return std::move(*this)(Symbols{x}); }
Symbol Module::operator()(const Symbols& xs) & {
    auto module = weak_from_this().lock();
    if (!module) module = std::shared_ptr<Module>(std::shared_ptr<void>(), this);
    return xs | Layer(module);
}
Symbol Module::operator()(const Symbols& xs) && {
    const auto names = library_modules();
    require<std::invalid_argument>(std::ranges::find(names, type()) != names.end() && registered_name(*this) == type(),
                                   "{}: expected a layer of the library, or a variable, to be called on a symbol, got "
                                   "a temporary; write x | {}(...)",
                                   type(), type());
    return xs | Layer(clone());
}

Symbol operator+(const Symbol& a, const Symbol& b) { return Symbols{a, b} | Add(); }
Symbol operator-(const Symbol& a, const Symbol& b) { return Symbols{a, b} | Subtract(); }
Symbol operator*(const Symbol& a, const Symbol& b) { return Symbols{a, b} | Multiply(); }
Symbol operator/(const Symbol& a, const Symbol& b) { return Symbols{a, b} | Divide(); }
Symbol operator+(const Symbol& a, double b) { return a | Rescaling(1, b); }
Symbol operator-(const Symbol& a, double b) { return a | Rescaling(1, -b); }
Symbol operator*(const Symbol& a, double b) { return a | Rescaling(b); }
Symbol operator/(const Symbol& a, double b) { return a | Rescaling(1 / b); }
Symbol operator+(double a, const Symbol& b) { return b + a; }
Symbol operator-(double a, const Symbol& b) { return b | Rescaling(-1, a); }
Symbol operator*(double a, const Symbol& b) { return b * a; }
Symbol operator-(const Symbol& x) { return x | Rescaling(-1); }
Symbol maximum(const Symbol& a, const Symbol& b) { return Symbols{a, b} | Maximum(); }
Symbol minimum(const Symbol& a, const Symbol& b) { return Symbols{a, b} | Minimum(); }
Symbol concatenate(const Symbols& xs, int axis) { return xs | Concatenate(axis); }
Symbol reshape(const Symbol& x, const Shape& shape) { return x | Reshape(shape); }

Symbol abs(const Symbol& x) { return apply("abs", x); }
Symbol cos(const Symbol& x) { return apply("cos", x); }
Symbol elu(const Symbol& x) { return apply("elu", x); }
Symbol exp(const Symbol& x) { return apply("exp", x); }
Symbol gelu(const Symbol& x) { return apply("gelu", x); }
Symbol leaky_relu(const Symbol& x) { return apply("leaky_relu", x); }
Symbol log(const Symbol& x) { return apply("log", x); }
Symbol relu(const Symbol& x) { return apply("relu", x); }
Symbol selu(const Symbol& x) { return apply("selu", x); }
Symbol sigmoid(const Symbol& x) { return apply("sigmoid", x); }
Symbol silu(const Symbol& x) { return apply("silu", x); }
Symbol sin(const Symbol& x) { return apply("sin", x); }
Symbol softmax(const Symbol& x) { return apply("softmax", x); }
Symbol softplus(const Symbol& x) { return apply("softplus", x); }
Symbol sqrt(const Symbol& x) { return apply("sqrt", x); }
Symbol square(const Symbol& x) { return apply("square", x); }
Symbol tanh(const Symbol& x) { return apply("tanh", x); }

Functional::Functional(const Inputs& inputs, const Outputs& outputs) {
    using Place = std::pair<const detail::Call*, std::size_t>;
    const auto place_of = [](const Symbol& x) { return Place(x.call().get(), x.output()); };
    std::map<Place, Value> values;
    Tensors examples;
    require<std::invalid_argument>(!inputs.empty() && !outputs.empty(),
                                   "Functional: expected at least one input and one output, got {} and {}",
                                   inputs.size(), outputs.size());
    // An input may be any symbol: the graph begins there.
    for (const Symbol& x : inputs) {
        auto layer = std::dynamic_pointer_cast<Input>(x.call()->layer);
        if (!layer) {
            const Shape shape = x.shape();
            layer = std::make_shared<Input>(Shape(shape.begin() + 1, shape.end()), x.dtype());
        }
        require<std::invalid_argument>(values.emplace(place_of(x), Value{steps_.size(), 0}).second,
                                       "Functional: expected different inputs, got one twice");
        steps_.push_back({child_of(layer, x.call()->name), {}, {}});
        examples.push_back(example_of(x));
    }
    inputs_ = steps_.size();
    // What the outputs need, by age.
    std::map<std::uint64_t, const detail::Call*> needed;
    std::vector<Symbol> pending;
    for (const Output& y : outputs) pending.push_back(y.symbol);
    while (!pending.empty()) {
        const Symbol x = pending.back();
        pending.pop_back();
        if (values.contains(place_of(x)) || !needed.emplace(x.call()->id, x.call().get()).second) continue;
        require<std::invalid_argument>(!x.call()->inputs.empty(),
                                       "Functional: expected what the outputs depend on among the inputs, got an "
                                       "Input {} that is not",
                                       x.shape());
        pending.insert(pending.end(), x.call()->inputs.begin(), x.call()->inputs.end());
    }
    for (const auto& [id, made] : needed) {
        std::vector<Value> from;
        for (const Symbol& x : made->inputs) from.push_back(values.at(place_of(x)));
        for (std::size_t i = 0; i < made->examples.size(); ++i) values.emplace(Place(made, i), Value{steps_.size(), i});
        steps_.push_back({child_of(made->layer, made->name), std::move(from), {}});
    }
    for (const Output& y : outputs) {
        outputs_.push_back(values.at(place_of(y.symbol)));
        const std::string& layer = children()[steps_[outputs_.back().step].child].name;
        output_names_.push_back(y.name.empty() ? layer : y.name);
        require<std::invalid_argument>(
            std::ranges::count(output_names_, output_names_.back()) == 1,
            "Functional: expected outputs of different names, got {} twice; name them: {{{{\"a\", x}}, {{\"b\", y}}}}",
            output_names_.back());
    }
    find_last_uses();
    const NoGrad unrecorded;
    const Training inference(false);
    Module::outputs(examples);
}

std::size_t Functional::child_of(const std::shared_ptr<Module>& layer, const std::string& given) {
    const auto known = std::ranges::find(children(), layer, &Child::module);
    if (known != children().end()) return std::size_t(known - children().begin());
    std::string name = given;
    for (int n = 0; given.empty() && (n == 0 || std::ranges::find(children(), name, &Child::name) != children().end());
         ++n)
        name = snake(layer->type()) + (n == 0 ? "" : fmt::format("_{}", n));
    adopt(name, layer);
    return children().size() - 1;
}
/// So that in inference a value lives no longer than it is needed.
void Functional::find_last_uses() {
    std::map<std::size_t, std::size_t> last;
    for (std::size_t s = 0; s < steps_.size(); ++s)
        for (const Value& v : steps_[s].from) last[v.step] = s;
    for (const Value& v : outputs_) last.erase(v.step);
    for (const auto& [step, user] : last) steps_[user].last_uses.push_back(step);
}

Tensors Functional::forward_all(const Tensors& xs) {
    require(xs.size() == inputs_, "expected {} inputs, got {}", inputs_, xs.size());
    std::vector<Tensors> values(steps_.size());
    for (std::size_t s = 0; s < steps_.size(); ++s) {
        Tensors in;
        if (s < inputs_) in = {xs[s]};
        for (const Value& v : steps_[s].from) in.push_back(values[v.step][v.output]);
        values[s] = children()[steps_[s].child].module->outputs(in);
        for (const std::size_t done : steps_[s].last_uses) values[done].clear();
    }
    Tensors out;
    for (const Value& v : outputs_) out.push_back(values[v.step][v.output]);
    return out;
}
Tensor Functional::forward(const Tensor& x) { return forward(Tensors{x}); }
Tensor Functional::forward(const Tensors& xs) {
    require<std::logic_error>(outputs_.size() == 1, "Functional: expected outputs(xs) to be called for {} outputs",
                              outputs_.size());
    return forward_all(xs)[0];
}

void Functional::describe(Config& config) const {
    auto& json = config.json();
    for (auto& c : children()) {
        json["layers"].push_back(xg::describe(*c.module));
        json["layers"].back()["name"] = c.name;
    }
    const auto place = [](const Value& v) { return Json{v.step, v.output}; };
    json["inputs"] = inputs_;
    for (const Step& step : steps_) {
        Json from = Json::array();
        for (const Value& v : step.from) from.push_back(place(v));
        json["calls"].push_back({{"layer", children()[step.child].name}, {"inputs", from}});
    }
    for (std::size_t i = 0; i < outputs_.size(); ++i)
        json["outputs"].push_back({{"name", output_names_[i]}, {"value", place(outputs_[i])}});
}
Functional Functional::from_config(const Config& config) {
    const auto& json = config.json();
    expect_known("Functional", config, {"layers", "calls", "inputs", "outputs"});
    std::map<std::string, std::shared_ptr<Module>> layers;
    for (auto& l : json.at("layers")) layers[l.at("name").string()] = module_from(l);
    std::vector<Symbols> values;
    Symbols inputs;
    const auto at = [&](const Json& place) {
        return values.at(place.at(0).get<std::size_t>()).at(place.at(1).get<std::size_t>());
    };
    for (auto& c : json.at("calls")) {
        const std::string& name = c.at("layer").string();
        const auto& layer = layers.at(name);
        if (values.size() < json.at("inputs").get<std::size_t>()) {
            const auto* input = dynamic_cast<Input*>(layer.get());
            require<std::invalid_argument>(input, "Functional: expected an Input to begin with, got {}", layer->type());
            inputs.emplace_back(call({name, layer}, {}, {input->example()}), 0);
            values.push_back({inputs.back()});
            continue;
        }
        Symbols from;
        for (auto& place : c.at("inputs")) from.push_back(at(place));
        values.push_back(outputs_of({name, layer}, from));
    }
    std::vector<Output> outputs;
    for (auto& y : json.at("outputs")) outputs.emplace_back(y.at("name").string(), at(y.at("value")));
    return Functional(inputs, outputs);
}

}  // namespace xg
