// PyTorch's losses in our words: its functions by their names, what Keras has too through Keras' classes.
#include "case.h"

namespace xg::golden {

namespace {
std::string reduction(const Json& o) { return o.value("reduction", "mean"); }
std::vector<double> list(const Json& o, const char* name) {
    return o.contains(name) ? o[name].get<std::vector<double>>() : std::vector<double>{};
}
Tensor lengths(const Json& o, const char* name) {
    const auto values = o.at(name).get<std::vector<std::int64_t>>();
    return Tensor::of<std::int64_t>({std::int64_t(values.size())}, values);
}
/// PyTorch reduces over elements, Keras' losses over examples: so every element is an example of its own.
template <class L> Tensor elementwise(const L& loss, const Tensor& input, const Tensor& target) {
    return loss(expand_dims(target, -1), expand_dims(input, -1));
}
using Call = Tensor (*)(const Inputs& x, const Json& o);
const std::map<std::string, Call> calls{
    {"mse_loss",
     [](const Inputs& x, const Json& o) {
         return elementwise(MeanSquaredError({.reduction = reduction(o)}), x.at("input"), x.at("target"));
     }},
    {"l1_loss",
     [](const Inputs& x, const Json& o) {
         return elementwise(MeanAbsoluteError({.reduction = reduction(o)}), x.at("input"), x.at("target"));
     }},
    {"huber_loss",
     [](const Inputs& x, const Json& o) {
         const Huber loss({.delta = o.value("delta", 1.0), .reduction = reduction(o)});
         return elementwise(loss, x.at("input"), x.at("target"));
     }},
    {"smooth_l1_loss",
     [](const Inputs& x, const Json& o) {
         const double beta = o.value("beta", 1.0);
         return elementwise(Huber({.delta = beta, .reduction = reduction(o)}), x.at("input"), x.at("target")) / beta;
     }},
    {"binary_cross_entropy_with_logits",
     [](const Inputs& x, const Json& o) {
         return binary_cross_entropy_with_logits(x.at("input"), x.at("target"),
                                                 {.pos_weight = list(o, "pos_weight"), .reduction = reduction(o)});
     }},
    {"cross_entropy",
     [](const Inputs& x, const Json& o) {
         return cross_entropy(x.at("input"), x.at("target"),
                              {.weight = list(o, "weight"),
                               .ignore_index = o.value("ignore_index", std::int64_t(-100)),
                               .label_smoothing = o.value("label_smoothing", 0.0),
                               .reduction = reduction(o)});
     }},
    {"nll_loss",
     [](const Inputs& x, const Json& o) {
         return nll_loss(x.at("input"), x.at("target"),
                         {.weight = list(o, "weight"),
                          .ignore_index = o.value("ignore_index", std::int64_t(-100)),
                          .reduction = reduction(o)});
     }},
    {"kl_div",
     [](const Inputs& x, const Json& o) {
         return kl_div(x.at("input"), x.at("target"),
                       {.log_target = o.value("log_target", false), .reduction = reduction(o)});
     }},
    {"poisson_nll_loss",
     [](const Inputs& x, const Json& o) {
         return poisson_nll_loss(x.at("input"), x.at("target"),
                                 {.log_input = o.value("log_input", true),
                                  .full = o.value("full", false),
                                  .eps = o.value("eps", 1e-8),
                                  .reduction = reduction(o)});
     }},
    {"gaussian_nll_loss",
     [](const Inputs& x, const Json& o) {
         return gaussian_nll_loss(
             x.at("input"), x.at("target"), x.at("var"),
             {.full = o.value("full", false), .eps = o.value("eps", 1e-6), .reduction = reduction(o)});
     }},
    {"triplet_margin_loss",
     [](const Inputs& x, const Json& o) {
         return triplet_margin_loss(x.at("anchor"), x.at("positive"), x.at("negative"),
                                    {.margin = o.value("margin", 1.0),
                                     .p = o.value("p", 2.0),
                                     .eps = o.value("eps", 1e-6),
                                     .swap = o.value("swap", false),
                                     .reduction = reduction(o)});
     }},
    {"margin_ranking_loss",
     [](const Inputs& x, const Json& o) {
         return margin_ranking_loss(x.at("x1"), x.at("x2"), x.at("y"),
                                    {.margin = o.value("margin", 0.0), .reduction = reduction(o)});
     }},
    {"cosine_embedding_loss",
     [](const Inputs& x, const Json& o) {
         return cosine_embedding_loss(x.at("x1"), x.at("x2"), x.at("y"),
                                      {.margin = o.value("margin", 0.0), .reduction = reduction(o)});
     }},
    {"ctc", [](const Inputs& x, const Json& o) {
         const Tensor label_lengths = lengths(o, "label_lengths");
         const Tensor losses = ctc_loss(x.at("y_pred"), x.at("y_true"),
                                        {.logit_lengths = lengths(o, "input_lengths"),
                                         .label_lengths = label_lengths,
                                         .blank = o.value("blank", std::int64_t(0))});
         // The mean is of each loss divided by its number of labels.
         const std::string how = reduction(o);
         return how == "none" ? losses : how == "sum" ? sum(losses) : mean(losses / maximum(label_lengths, 1));
     }}};
}  // namespace

void torch_loss(const Json& c, Comparison& compare) {
    const auto found = calls.find(c.at("op").string());
    if (found == calls.end()) throw Skip{c.at("op").string()};
    differentiate(c, compare, [&](Inputs& x) { return std::vector{found->second(x, c.at("config"))}; });
}

}  // namespace xg::golden
