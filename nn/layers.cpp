#include "sequential.h"
#include <algorithm>
#include <limits>
#include <map>
#include "../autograd/node.h"
#include "../autograd/ops/arithmetic.h"
#include "../autograd/ops/dropout.h"
#include "../autograd/ops/layout.h"
#include "../autograd/ops/linear_algebra.h"
#include "../tensor/create.h"
#include "config.h"

namespace xg {

template <class F> void fields(DenseOptions& o, F&& field) {
    field("units", o.units);
    field("activation", o.activation);
    field("use_bias", o.use_bias);
    field("kernel_initializer", o.kernel_initializer);
    field("bias_initializer", o.bias_initializer);
}
template <class F> void fields(DropoutOptions& o, F&& field) {
    field("rate", o.rate);
    field("seed", o.seed);
}
template <class F> void fields(ReluOptions& o, F&& field) {
    field("max_value", o.max_value);
    field("negative_slope", o.negative_slope);
    field("threshold", o.threshold);
}
template <class F> void fields(LeakyReLUOptions& o, F&& field) { field("negative_slope", o.negative_slope); }
template <class F> void fields(EluOptions& o, F&& field) { field("alpha", o.alpha); }
template <class F> void fields(SoftmaxOptions& o, F&& field) { field("axis", o.axis); }

Dense::Dense(DenseOptions options) : options_(std::move(options)) {
    require<std::invalid_argument>(options_.units > 0, "Dense: expected units > 0, got {}", options_.units);
}
void Dense::build(const Shape& input) {
    require(input.rank() >= 2, "expected input (batch, ..., features), got {}", input);
    const auto features = input.back();
    kernel_ = parameter("kernel", {features, options_.units}, options_.kernel_initializer);
    if (options_.use_bias) bias_ = parameter("bias", {options_.units}, options_.bias_initializer);
}
Tensor Dense::forward(const Tensor& x) {
    const auto features = kernel_.shape()[0];
    require(x.rank() >= 2 && x.shape().back() == features, "expected last axis {}, got input {}", features, x.shape());
    Shape shape = x.shape();
    Tensor y = matmul(shape.rank() == 2 ? x : reshape(x, {x.numel() / features, features}), kernel_);
    if (bias_.defined()) y = y + bias_;
    shape.back() = options_.units;
    return options_.activation(shape.rank() == 2 ? y : reshape(y, shape));
}
void Dense::describe(Config& config) const { write(config, options_); }

Tensor Input::example() const {
    Shape batch{1};
    for (auto d : shape_) batch.push_back(d);
    return zeros(batch, dtype_);
}
Tensor Input::forward(const Tensor& x) {
    bool fits = x.shape().rank() == shape_.rank() + 1;
    for (int i = 0; fits && i < shape_.rank(); ++i) fits = x.shape()[i + 1] == shape_[i];
    require(fits, "expected (batch, ...) with each example {}, got {}", shape_, x.shape());
    return x;
}
void Input::describe(Config& config) const { config.json["shape"] = std::vector(shape_.begin(), shape_.end()); }

Dropout::Dropout(DropoutOptions options) : options_(options) {
    require<std::invalid_argument>(0 <= options.rate && options.rate <= 1, "Dropout: expected 0 <= rate <= 1, got {}",
                                   options.rate);
}
Tensor Dropout::forward(const Tensor& x) {
    if (!Training::on() || options_.rate == 0) return x;
    return dropout(x, options_.rate, options_.seed < 0 ? next_key() : next_key(std::uint64_t(options_.seed), calls_));
}
void Dropout::describe(Config& config) const { write(config, options_); }

Tensor Reshape::forward(const Tensor& x) {
    Shape shape{x.shape()[0]};
    for (auto e : target_) shape.push_back(e);
    return reshape(x, shape);
}
void Reshape::describe(Config& config) const {
    config.json["target_shape"] = std::vector(target_.begin(), target_.end());
}

Tensor Flatten::forward(const Tensor& x) {
    std::int64_t n = 1;
    for (int a = 1; a < x.rank(); ++a) n *= x.shape()[a];
    return reshape(x, {x.shape()[0], n});
}
void Activation::describe(Config& config) const { config.json["activation"] = f_.name(); }

ReLU::ReLU(ReluOptions options) : options_(options) {
    const auto& o = options_;
    require<std::invalid_argument>(o.max_value >= 0 && o.negative_slope >= 0 && o.threshold >= 0,
                                   "ReLU: expected max_value, negative_slope and threshold >= 0, got {}, {} and {}",
                                   o.max_value, o.negative_slope, o.threshold);
}
void ReLU::describe(Config& config) const { write(config, options_); }
LeakyReLU::LeakyReLU(LeakyReLUOptions options) : options_(options) {
    require<std::invalid_argument>(options.negative_slope >= 0, "LeakyReLU: expected negative_slope >= 0, got {}",
                                   options.negative_slope);
}
void LeakyReLU::describe(Config& config) const { write(config, options_); }
void ELU::describe(Config& config) const { write(config, options_); }
Tensor Softmax::forward(const Tensor& x) { return softmax(x, Axes(options_.axis.begin(), options_.axis.end())); }
Tensor Softmax::forward(const Tensors& in) {
    require<std::invalid_argument>(in.size() == 2 && in[1].dtype() == boolean,
                                   "expected x and a mask of dtype bool, got {} inputs, the second of {}", in.size(),
                                   name_of(in[1].dtype()));
    // Where all is masked the shares are 0 as well, not the even ones of equal numbers.
    const Tensor shares = forward(where(in[1], in[0], std::numeric_limits<float>::lowest()));
    return where(in[1], shares, 0);
}
void Softmax::describe(Config& config) const { write(config, options_); }

Sequential::Sequential(std::initializer_list<Layer> layers) {
    const Layer& only = *layers.begin();
    if (auto* inner = layers.size() == 1 && only.name.empty() ? dynamic_cast<Sequential*>(only.module.get()) : nullptr)
        for (auto& c : inner->children()) add({c.name, c.module});
    else
        for (const Layer& layer : layers) add(layer);
    if (auto* input = children().empty() ? nullptr : dynamic_cast<Input*>(children()[0].module.get())) {
        NoGrad unrecorded;
        Training inference(false);
        (*this)(input->example());
    }
}
void Sequential::add(Layer layer) {
    // An Input has no parameters and takes no number: "0.kernel" is the first layer's, as in Keras.
    const auto& present = children();
    const auto position = present.size() - (!present.empty() && dynamic_cast<Input*>(present[0].module.get()) ? 1 : 0);
    const bool input = dynamic_cast<Input*>(layer.module.get());
    adopt(layer.name.empty() ? input ? "input" : std::to_string(position) : layer.name, layer.module);
}
Tensor Sequential::forward(const Tensor& x) {
    Tensor y = x;
    for (auto& c : children()) y = (*c.module)(y);
    return y;
}
Tensor Sequential::forward(const Tensors& xs) {
    require<std::logic_error>(!children().empty(), "Sequential: expected a first layer to take {} inputs, got none",
                              xs.size());
    Tensor y = (*children()[0].module)(xs);
    for (std::size_t i = 1; i < children().size(); ++i) y = (*children()[i].module)(y);
    return y;
}
void Sequential::describe(Config& config) const {
    for (auto& c : children()) {
        const auto first = std::ranges::find(children(), c.module, &Child::module) - children().begin();
        if (children().data() + first != &c) {
            config.json["layers"].push_back({{"shared_with", first}, {"name", c.name}});
            continue;
        }
        Config inner;
        c.module->describe(inner);
        config.json["layers"].push_back({{"class_name", c.module->type()}, {"config", inner.json}, {"name", c.name}});
    }
}

namespace {
using Made = std::shared_ptr<Module>;
Shape shape_of(const nlohmann::json& j) {
    Shape s;
    for (auto& d : j) s.push_back(d);
    return s;
}
Made sequential(const Config& c) {
    auto s = std::make_shared<Sequential>();
    for (auto& l : c.json.at("layers"))
        s->add({l.value("name", ""), l.contains("shared_with")
                                         ? s->children().at(l["shared_with"]).module
                                         : make_module(l.at("class_name"), Config{l.at("config")})});
    return s;
}
std::map<std::string, Made (*)(const Config&)>& modules() {
    static std::map<std::string, Made (*)(const Config&)> entries{
        {"Dense", [](const Config& c) -> Made { return std::make_shared<Dense>(read<DenseOptions>("Dense", c)); }},
        {"Dropout",
         [](const Config& c) -> Made { return std::make_shared<Dropout>(read<DropoutOptions>("Dropout", c)); }},
        {"Reshape",
         [](const Config& c) -> Made { return std::make_shared<Reshape>(shape_of(c.json.at("target_shape"))); }},
        {"Flatten", [](const Config&) -> Made { return std::make_shared<Flatten>(); }},
        {"Activation",
         [](const Config& c) -> Made {
             return std::make_shared<Activation>(Function(c.json.at("activation").get<std::string>()));
         }},
        {"Input", [](const Config& c) -> Made { return std::make_shared<Input>(shape_of(c.json.at("shape"))); }},
        {"ReLU", [](const Config& c) -> Made { return std::make_shared<ReLU>(read<ReluOptions>("ReLU", c)); }},
        {"LeakyReLU",
         [](const Config& c) -> Made { return std::make_shared<LeakyReLU>(read<LeakyReLUOptions>("LeakyReLU", c)); }},
        {"ELU", [](const Config& c) -> Made { return std::make_shared<ELU>(read<EluOptions>("ELU", c)); }},
        {"Softmax",
         [](const Config& c) -> Made { return std::make_shared<Softmax>(read<SoftmaxOptions>("Softmax", c)); }},
        {"Identity", [](const Config&) -> Made { return std::make_shared<Identity>(); }},
        {"Sequential", sequential}};
    return entries;
}
}  // namespace

void register_module(const std::string& name, Made (*maker)(const Config&)) { modules()[name] = maker; }
Made make_module(const std::string& name, const Config& config) {
    const auto found = modules().find(name);
    require<std::invalid_argument>(found != modules().end(), "make_module: expected a registered layer, got \"{}\"",
                                   name);
    return found->second(config);
}

}  // namespace xg
