#include "gradcheck.h"
#include "../autograd/node.h"
#include "mode.h"

namespace xg {

namespace {
/// What a tensor's handle refers to: swapping it makes another tensor the module's parameter for a while.
void swap_values(const Tensor& a, const Tensor& b) {
    TensorImpl &p = *a.impl(), &q = *b.impl();
    std::swap(p.storage, q.storage);
    std::swap(p.data, q.data);
    std::swap(p.node, q.node);
}
class Borrowed {
public:
    Borrowed(const std::vector<Tensor>& parameters, std::span<const Tensor> values, const std::vector<Tensor>& buffers)
        : parameters_(parameters), buffers_(buffers) {
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            values_.push_back(values[i].detach());
            values_.back().impl()->node = values[i].impl()->node;
            swap_values(parameters_[i], values_[i]);
        }
        for (const Tensor& b : buffers) before_.push_back(b.detach().copy());
    }
    ~Borrowed() {
        for (std::size_t i = 0; i < parameters_.size(); ++i) swap_values(parameters_[i], values_[i]);
        for (std::size_t i = 0; i < buffers_.size(); ++i) Tensor(buffers_[i]).assign(before_[i], "gradcheck");
    }
    Borrowed(const Borrowed&) = delete;

private:
    const std::vector<Tensor>&parameters_, &buffers_;
    std::vector<Tensor> values_, before_;
};
}  // namespace

GradcheckReport gradcheck(Module& module, const Tensors& inputs, GradcheckOptions options) {
    if (!module.built()) {
        const NoGrad unrecorded;
        module(inputs);
    }
    std::vector<Tensor> parameters, buffers, at = inputs;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < inputs.size(); ++i) names.push_back(fmt::format("input {}", i));
    const auto trained = module.named_parameters();
    for (const auto& [name, value] : trained) {
        if (!value.requires_grad()) continue;
        require<std::invalid_argument>(value.dtype() == f64,
                                       "gradcheck: expected a float64 module, got {} of {}; call to(f64) first", name,
                                       name_of(value.dtype()));
        parameters.push_back(value);
        names.push_back(name);
        at.push_back(value.detach());
    }
    const auto state = module.state();
    for (std::size_t i = trained.size(); i < state.size(); ++i) buffers.push_back(state[i].second);
    // What an operation has saved is looked at when the parameters are their own again: their values then must be as
    // little changed in place as those that were borrowed.
    std::vector<Tensor> fresh;
    for (const Tensor& p : parameters) fresh.push_back(p.detach().copy().require_grad());
    const Borrowed meanwhile(parameters, fresh, buffers);
    const TensorFunction f = [&](const std::vector<Tensor>& x) {
        const Borrowed values(parameters, std::span(x).subspan(inputs.size()), buffers);
        return module(Tensors(x.begin(), x.begin() + std::ptrdiff_t(inputs.size())));
    };
    GradcheckReport report;
    for (const bool training : {true, false}) {
        const Training mode(training);
        GradcheckReport one = gradcheck(f, at, options, names);
        one.entries += report.entries;
        one.kinks.insert(one.kinks.begin(), report.kinks.begin(), report.kinks.end());
        if (training && one.ok) {
            report = std::move(one);
            continue;
        }
        if (!one.ok) one.message += training ? ", in training mode" : ", in inference mode";
        else if (report.worst.absolute() > one.worst.absolute()) one.worst = report.worst;
        return one;
    }
    return report;
}

}  // namespace xg
