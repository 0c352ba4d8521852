#include "model.h"
#include <algorithm>
#include "../autograd/node.h"
#include "../autograd/ops/arithmetic.h"

namespace xg {

void Model::compile(CompileOptions options) {
    const auto names = module_->output_names();
    const auto outputs = std::max(std::size_t(1), names.empty() ? options.losses.size() : names.size());
    require<std::invalid_argument>(options.loss || !options.losses.empty(), "compile: expected a loss, got none");
    require<std::invalid_argument>(!options.loss || options.losses.empty(),
                                   "compile: expected loss or losses, got both");
    const auto one_each = [&](const char* what, std::size_t count) {
        require<std::invalid_argument>(count == 0 || count == outputs,
                                       "compile: expected {} for each of {} outputs, got {}", what, outputs, count);
    };
    one_each("one of losses", options.losses.size());
    one_each("one of loss_weights", options.loss_weights.size());
    one_each("a list of output_metrics", options.output_metrics.size());
    one_each("a list of output_weighted_metrics", options.output_weighted_metrics.size());
    std::vector<Head> heads;
    std::vector<Box<Metric>> metrics;
    for (std::size_t i = 0; i < outputs; ++i) {
        Head head{outputs == 1    ? ""
                  : names.empty() ? fmt::format("output_{}", i)
                                  : names[i],
                  options.losses.empty() ? options.loss : options.losses[i],
                  options.loss_weights.empty() ? 1 : options.loss_weights[i]};
        head.first_metric = metrics.size();
        const std::string prefix = outputs == 1 ? "" : head.name + "_";
        const auto taken = [&](const std::string& name) {
            return std::ranges::any_of(metrics, [&](auto& other) { return other->name() == name; });
        };
        const auto append = [&](const std::vector<Box<Metric>>& each, const std::vector<std::vector<Box<Metric>>>& own,
                                const char* otherwise) {
            for (const auto& m : own.empty() ? each : own[i]) {
                const std::string name = prefix + m->name();
                const bool again = *otherwise && taken(name);
                metrics.push_back(m);
                metrics.back()->rename(again ? prefix + otherwise + m->name() : name);
            }
            return metrics.size();
        };
        head.first_weighted = append(options.metrics, options.output_metrics, "");
        // Where both lists have a metric, it is told apart as in Keras.
        head.last_metric = append(options.weighted_metrics, options.output_weighted_metrics, "weighted_");
        heads.push_back(std::move(head));
    }
    for (auto m = metrics.begin(); m != metrics.end(); ++m)
        require<std::invalid_argument>(
            (*m)->name() != "loss" &&
                std::none_of(metrics.begin(), m, [&](auto& other) { return other->name() == (*m)->name(); }),
            "compile: expected metrics of different names, got \"{}\" twice", (*m)->name());
    for (auto& m : metrics) m->result();  // throws for one that has several values
    options_ = std::move(options);
    options_.metrics = std::move(metrics);
    heads_ = std::move(heads);
    compiled_ = true;
}
CompileOptions& Model::compiled(const char* who) {
    require<std::logic_error>(compiled_, "{}: expected compile() before", who);
    return options_;
}

/// All that would otherwise go wrong in the middle of training: before the first step. Returns how many classes the
/// labels for each output may have, 0 if they are no labels.
std::vector<std::int64_t> Model::check_data(const char* who, const FitData& data) {
    detail::check_lengths(who, data);
    detail::check_finite(who, data);
    // One row in inference mode builds the module, and tells how many classes there are.
    NoGrad unrecorded;
    Training inference(false);
    const Tensors y_preds = module_->outputs(detail::rows(data.xs, 0, 1));
    require<std::invalid_argument>(y_preds.size() == heads_.size() && data.ys.size() == heads_.size(),
                                   "{}: expected as many outputs and targets as losses, {}, got {} and {}", who,
                                   heads_.size(), y_preds.size(), data.ys.size());
    std::vector<std::int64_t> classes;
    for (std::size_t i = 0; i < heads_.size(); ++i) classes.push_back(heads_[i].loss->classes(y_preds[i]));
    detail::check_labels(who, data, classes);
    return classes;
}

void Model::measure(const FitData& batch, const Tensors& y_preds) {
    if (options_.metrics.empty()) return;
    NoGrad unrecorded;
    for (std::size_t i = 0; i < heads_.size(); ++i) {
        const Tensor outputs = y_preds[i].detach(), predictions = heads_[i].loss->predictions(outputs);
        for (const Tensor& each : {outputs, predictions}) each.set_mask(y_preds[i].mask());
        for (std::size_t m = heads_[i].first_metric; m < heads_[i].last_metric; ++m) {
            Metric& metric = *options_.metrics[m];
            metric.update(batch.ys[i], metric.from_logits() ? outputs : predictions,
                          m < heads_[i].first_weighted ? Tensor() : batch.weight);
        }
    }
}
/// The loss to descend on; into `losses` its value, and with several outputs those of each.
Tensor Model::loss_of(const FitData& batch, const Tensors& y_preds, std::vector<double>& losses) const {
    require<std::invalid_argument>(y_preds.size() == heads_.size() && batch.ys.size() == heads_.size(),
                                   "loss: expected as many outputs and targets as losses, {}, got {} and {}",
                                   heads_.size(), y_preds.size(), batch.ys.size());
    Tensor total;
    losses.assign(1, 0);
    for (std::size_t i = 0; i < heads_.size(); ++i) {
        const Head& head = heads_[i];
        Tensor loss = head.loss->of_rows(batch.ys[i], y_preds[i], batch.weight);
        if (heads_.size() > 1) losses.push_back(loss.item());
        if (head.weight != 1) loss = loss * head.weight;
        total = total.defined() ? total + loss : std::move(loss);
    }
    total = module_->penalized(std::move(total));
    losses[0] = total.item();
    return total;
}
std::vector<std::string> Model::loss_names() const {
    std::vector<std::string> names{"loss"};
    if (heads_.size() > 1)
        for (const Head& head : heads_) names.push_back(head.name + "_loss");
    return names;
}
Logs Model::results(const RunningMeans& losses) const {
    Logs logs;
    write_results(logs, losses);
    return logs;
}
void Model::write_results(Logs& logs, const RunningMeans& losses) const {
    if (heads_.size() == 1) logs.set("loss", losses.mean(0));
    else
        for (std::size_t i = 0; const auto& name : loss_names()) logs.set(name, losses.mean(i++));
    for (auto& m : options_.metrics) logs.set(m->name(), m->result());
}
}  // namespace xg
