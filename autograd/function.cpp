#include "function.h"
#include <map>
#include "ops/activation.h"
#include "ops/elementwise.h"

namespace xg {

namespace {
using Plain = Tensor (*)(const Tensor&);
using Registered = std::map<std::string, std::function<Tensor(const Tensor&)>>;
Registered& of_users() {
    static Registered functions;
    return functions;
}
const std::map<std::string, Plain>& known() {
    static const std::map<std::string, Plain> functions{{"abs", abs},
                                                        {"celu", celu},
                                                        {"cos", cos},
                                                        {"elu", elu},
                                                        {"erf", erf},
                                                        {"exp", exp},
                                                        {"exponential", exponential},
                                                        {"gelu", gelu},
                                                        {"glu", [](const Tensor& x) { return glu(x); }},
                                                        {"hard_shrink", hard_shrink},
                                                        {"hard_sigmoid", hard_sigmoid},
                                                        {"hard_silu", hard_silu},
                                                        {"hard_swish", hard_silu},
                                                        {"hard_tanh", hard_tanh},
                                                        {"leaky_relu", leaky_relu},
                                                        {"log", log},
                                                        {"log1p", log1p},
                                                        {"log_sigmoid", log_sigmoid},
                                                        {"log_softmax", [](const Tensor& x) { return log_softmax(x); }},
                                                        {"mish", mish},
                                                        {"relu", relu},
                                                        {"relu6", relu6},
                                                        {"selu", selu},
                                                        {"sigmoid", sigmoid},
                                                        {"silu", silu},
                                                        {"sin", sin},
                                                        {"swish", silu},
                                                        {"soft_shrink", soft_shrink},
                                                        {"softmax", [](const Tensor& x) { return softmax(x); }},
                                                        {"softplus", softplus},
                                                        {"softsign", softsign},
                                                        {"sqrt", sqrt},
                                                        {"square", square},
                                                        {"sparse_plus", sparse_plus},
                                                        {"sparse_sigmoid", sparse_sigmoid},
                                                        {"sparsemax", [](const Tensor& x) { return sparsemax(x); }},
                                                        {"squareplus", squareplus},
                                                        {"tanh", tanh},
                                                        {"tanh_shrink", tanh_shrink}};
    return functions;
}
}  // namespace

Function::Function(Plain f) : name_("function"), f_(f) {
    for (auto& [name, g] : known())
        if (f == g) name_ = name;
}
Function::Function(const char* name) : name_(name) {
    if (name_ == "linear") return;
    if (const auto mine = of_users().find(name_); mine != of_users().end()) {
        f_ = mine->second;
        return;
    }
    const auto found = known().find(name_);
    require<std::invalid_argument>(found != known().end(), "activation: expected a known function, got \"{}\"", name_);
    f_ = found->second;
}
void register_function(const std::string& name, std::function<Tensor(const Tensor&)> f) {
    require<std::invalid_argument>(
        !known().contains(name) && name != "linear" && name != "lambda" && name != "function",
        "register_function: expected a name of its own, got \"{}\", which is taken", name);
    of_users()[name] = std::move(f);
}

}  // namespace xg
