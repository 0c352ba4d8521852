#include "sequential.h"
#include <algorithm>
#include "../autograd/node.h"
#include "settings.h"

namespace xg {

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
Tensor Sequential::run(Tensor y, std::size_t i) {
    const auto& layers = children();
    while (i < layers.size()) {
        const Tensor both = i + 1 < layers.size() ? layers[i].module->together(y, *layers[i + 1].module) : Tensor();
        y = both.defined() ? both : (*layers[i].module)(y);
        i += both.defined() ? 2 : 1;
    }
    return y;
}
Tensor Sequential::forward(const Tensor& x) { return run(x, 0); }
Tensor Sequential::forward(const Tensors& xs) {
    require<std::logic_error>(!children().empty(), "Sequential: expected a first layer to take {} inputs, got none",
                              xs.size());
    return run((*children()[0].module)(xs), 1);
}
void Sequential::describe(Config& config) const {
    auto& layers = config.json()["layers"] = Json::array();
    for (auto& c : children()) {
        const auto first = std::ranges::find(children(), c.module, &Child::module) - children().begin();
        auto entry = children().data() + first == &c ? xg::describe(*c.module) : Json{{"shared_with", first}};
        entry["name"] = c.name;
        layers.push_back(std::move(entry));
    }
}
Sequential Sequential::from_config(const Config& config) {
    expect_known("Sequential", config, {"layers"});
    Sequential s;
    for (auto& l : config.json().at("layers"))
        s.add({l.value("name", ""), l.contains("shared_with")
                                        ? s.children().at(l["shared_with"].get<std::size_t>()).module
                                        : module_from(l)});
    return s;
}

}  // namespace xg
