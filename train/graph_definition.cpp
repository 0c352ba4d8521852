#include "graph_definition.h"
#include <algorithm>
#include <map>
#include "../autograd/hook.h"
#include "../io/protobuf.h"

namespace xg::detail {

namespace {
Message attributes(const Shape& shape) {
    Message dims;
    for (const auto extent : shape) dims.message(2, Message().integer(1, extent));
    const Message value = Message().message(1, Message().message(7, dims));
    return Message().text(1, "_output_shapes").message(2, value);
}
/// "1.first (Dense)" to "1/first/".
std::string scope_of(const Node& node) {
    std::string module = node.extras && node.extras->site.module ? node.extras->site.module->path : "";
    module.resize(std::min(module.find(" ("), module.size()));
    if (module.starts_with("(")) return "";
    std::ranges::replace(module, '.', '/');
    return module.empty() ? "" : module + "/";
}
/// TensorFlow's names: letters, digits and _ . - / > but no space or bracket.
std::string clean(std::string name) {
    for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c)) && !std::strchr("_.-/", c)) c = '_';
    return name;
}
class Definition {
public:
    /// The first of a name has it, the next ones a number.
    std::string name(const Node* node, const std::string& wanted) {
        const std::string base = clean(wanted);
        const int before = used_[base]++;
        return names_[node] = before ? fmt::format("{}_{}", base, before) : base;
    }
    bool knows(const Node* node) const { return names_.contains(node); }
    void add(const Node& node, const std::string& op, const std::vector<Node*>& inputs) {
        Message m;
        m.text(1, names_.at(&node)).text(2, op);
        for (const Node* input : inputs)
            if (const auto found = names_.find(input); found != names_.end()) m.text(3, found->second);
        m.message(5, attributes(node.shape));
        graph_.message(1, m);
    }
    std::string bytes() const { return Message(graph_).message(4, Message().integer(1, 22)).bytes(); }

private:
    std::map<const Node*, std::string> names_;
    std::map<std::string, int> used_;
    Message graph_;
};
}  // namespace

std::string graph_definition(Module& module, const Tensors& example) {
    const GradMode recorded(true);
    const Training inference(false);
    const Anomaly sited;  // operations then know the module they ran in
    Tensors inputs;
    Definition definition;
    for (const Tensor& x : example) {
        inputs.push_back(is_float(x.dtype()) ? x.detach().copy().require_grad() : x);
        const Node* node = node_of(inputs.back());
        if (!node) continue;
        definition.name(node, example.size() == 1 ? "input" : fmt::format("input_{}", inputs.size()));
        definition.add(*node, "Placeholder", {});
    }
    for (auto [name, value] : module.named_parameters())
        if (const Node* node = node_of(value)) {
            std::ranges::replace(name, '.', '/');
            definition.name(node, name);
            definition.add(*node, "Parameter", {});
        }
    const Tensor y = module(inputs);
    auto steps = steps_of(y);
    std::ranges::reverse(steps);
    for (Node* node : steps)
        if (!definition.knows(node)) definition.name(node, scope_of(*node) + (node->is_leaf() ? "constant" : node->op));
    for (Node* node : steps) {
        std::vector<Node*> from;
        if (!node->is_leaf()) {
            node->inputs(from);
            definition.add(*node, node->op, from);
        }
    }
    return definition.bytes();
}

}  // namespace xg::detail
