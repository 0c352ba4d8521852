#include "model.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include "../autograd/node.h"
#include "../autograd/ops/arithmetic.h"
#include "../autograd/ops/layout.h"
#include "../autograd/logits.h"
#include "../io/state.h"
#include "../tensor/random.h"
#include "checks.h"

namespace xg {

namespace {
/// A NaN's sign means nothing.
double unsigned_nan(double v) { return std::isnan(v) ? std::numeric_limits<double>::quiet_NaN() : v; }
void check_labels(const char* who, const FitData& data, const std::vector<std::int64_t>& classes) {
    for (std::size_t i = 0; i < classes.size(); ++i)
        if (classes[i] > 0) detail::check_labels(who, data.ys[i], classes[i]);
}
}  // namespace

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
    std::vector<Head> heads;
    std::vector<Box<Metric>> metrics;
    for (std::size_t i = 0; i < outputs; ++i) {
        Head head{outputs == 1    ? ""
                  : names.empty() ? fmt::format("output_{}", i)
                                  : names[i],
                  options.losses.empty() ? options.loss : options.losses[i],
                  options.loss_weights.empty() ? 1 : options.loss_weights[i], metrics.size(), 0};
        for (const auto& m : options.output_metrics.empty() ? options.metrics : options.output_metrics[i]) {
            metrics.push_back(m);
            if (outputs > 1) metrics.back()->rename(head.name + "_" + m->name());
        }
        head.last_metric = metrics.size();
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
    check_labels(who, data, classes);
    return classes;
}

void Model::measure(const Tensors& ys, const Tensors& y_preds) {
    if (options_.metrics.empty()) return;
    NoGrad unrecorded;
    for (std::size_t i = 0; i < heads_.size(); ++i) {
        const Tensor outputs = y_preds[i].detach(), predictions = heads_[i].loss->predictions(outputs);
        for (const Tensor& each : {outputs, predictions}) each.set_mask(y_preds[i].mask());
        for (std::size_t m = heads_[i].first_metric; m < heads_[i].last_metric; ++m) {
            Metric& metric = *options_.metrics[m];
            metric.update(ys[i], metric.from_logits() ? outputs : predictions);
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
        const Tensor loss = (*head.loss)(batch.ys[i], y_preds[i], batch.weight);
        if (heads_.size() > 1) losses.push_back(loss.item());
        const Tensor weighted = head.weight == 1 ? loss : loss * head.weight;
        total = total.defined() ? total + weighted : weighted;
    }
    total = module_->penalized(total);
    losses[0] = total.item();
    return total;
}
std::vector<std::string> Model::loss_names() const {
    std::vector<std::string> names{"loss"};
    if (heads_.size() > 1)
        for (const Head& head : heads_) names.push_back(head.name + "_loss");
    return names;
}
Logs Model::results(const std::vector<double>& losses) const {
    Logs logs;
    write_results(logs, losses);
    return logs;
}
void Model::write_results(Logs& logs, const std::vector<double>& losses) const {
    if (heads_.size() == 1) logs.set("loss", losses[0]);
    else
        for (std::size_t i = 0; const auto& name : loss_names()) logs.set(name, losses[i++]);
    for (auto& m : options_.metrics) logs.set(m->name(), m->result());
}
/// `finite` is told the loss before anything moves, and may throw or refuse the step; `reached` is called when there
/// are gradients.
template <class Finite, class Reached>
std::vector<double> Model::train_on(const FitData& batch, const Finite& finite, const Reached& reached) {
    Training mode;
    const KeepLogits keep;
    const Tensors y_preds = module_->outputs(batch.xs);
    std::vector<double> losses;
    const Tensor loss = loss_of(batch, y_preds, losses);
    if (!finite(losses[0])) return losses;
    options_.optimizer->minimize(loss, *module_, reached);
    measure(batch.ys, y_preds);
    return losses;
}
/// The end of a message about a loss that is not finite: why.
std::string Model::why_not_finite(const FitData& batch) {
    return detail::why_not_finite(*module_, [&] {
        Training mode;
        std::vector<double> losses;
        return loss_of(batch, module_->outputs(batch.xs), losses);
    });
}

History Model::fit(const Tensors& xs, Targets y, FitOptions options) {
    compiled("fit");
    const auto size = options.batch_size;
    require<std::invalid_argument>(size > 0, "fit: expected batch_size > 0, got {}", size);
    require<std::invalid_argument>(0 <= options.validation_split && options.validation_split < 1,
                                   "fit: expected 0 <= validation_split < 1, got {}", options.validation_split);
    FitData train{xs, std::move(y), options.sample_weight}, validation = options.validation_data;
    check_data("fit", train);
    if (options.validation_split > 0 && !validation.given())
        std::tie(train, validation) = detail::hold_out(train, options.validation_split, options.validation_rows,
                                                       options.seed, options.verbose == 0);
    train = detail::weigh_classes("fit", std::move(train), options.class_weight);
    const auto each = [&](std::int64_t epoch, std::int64_t batch, const std::function<bool(const FitData&)>& f) {
        const Tensor order =
            options.shuffle ? permutation(RandomKey{options.seed, std::uint64_t(epoch)}, train.size()) : Tensor();
        for (std::int64_t first = batch * size; first < train.size(); first += size) {
            const auto last = std::min(train.size(), first + size);
            if (!f(order.defined() ? detail::rows(train, slice(order, first, last)) : detail::rows(train, first, last)))
                return;
        }
    };
    return run(each, (train.size() + size - 1) / size, options, validation);
}

template <class X> History Model::fit_loader(const Loader<X>& loader, const FitOptions& options) {
    compiled("fit");
    require<std::invalid_argument>(options.validation_split == 0,
                                   "fit: expected validation_data beside a DataLoader, got validation_split {}",
                                   options.validation_split);
    require<std::invalid_argument>(!options.sample_weight.defined() && options.class_weight.empty(),
                                   "fit: expected no weights beside a DataLoader, got {}",
                                   options.sample_weight.defined() ? "sample_weight" : "class_weight");
    check_data("fit", loader.data());
    require<std::invalid_argument>(loader.batches() > 0, "fit: expected at least one batch, got none");
    const auto each = [&](std::int64_t epoch, std::int64_t first, const std::function<bool(const FitData&)>& f) {
        const auto pass = loader.epoch(epoch);
        auto at = pass.begin();
        for (std::int64_t skipped = 0; skipped < first; ++skipped) ++at;
        for (; at != pass.end() && f(*at); ++at) {}
    };
    return run(each, loader.batches(), options, options.validation_data);
}
History Model::fit(const DataLoader& loader, FitOptions options) { return fit_loader(loader, options); }
History Model::fit(const MultiDataLoader& loader, FitOptions options) { return fit_loader(loader, options); }

History Model::fit(const Stream& stream, FitOptions options) {
    compiled("fit");
    require<std::invalid_argument>(options.validation_split == 0,
                                   "fit: expected validation_data beside a Stream, got validation_split {}",
                                   options.validation_split);
    require<std::invalid_argument>(!options.sample_weight.defined() && options.class_weight.empty(),
                                   "fit: expected no weights beside a Stream, got {}",
                                   options.sample_weight.defined() ? "sample_weight" : "class_weight");
    const auto steps = options.steps_per_epoch;
    require<std::invalid_argument>(steps >= 0, "fit: expected steps_per_epoch >= 0, got {}", steps);
    require<std::invalid_argument>(steps > 0 || !stream.endless(),
                                   "fit: expected steps_per_epoch beside an endless Stream, got none");
    const auto first_batch = stream.pass().next();
    require<std::invalid_argument>(first_batch.has_value(), "fit: expected at least one batch, got none");
    const auto batch_of = [outputs = heads_.size()](const Tensors& tensors) {
        require<std::invalid_argument>(tensors.size() > outputs,
                                       "fit: expected inputs and a target in a batch, got {} tensor", tensors.size());
        const auto targets = tensors.end() - std::ptrdiff_t(outputs);
        return FitData(Tensors(tensors.begin(), targets), Tensors(targets, tensors.end()));
    };
    const auto classes = check_data("fit", batch_of(*first_batch));
    std::optional<Stream::Pass> endless;
    std::int64_t given = 0;  // of the endless one
    const auto each = [&](std::int64_t epoch, std::int64_t first, const std::function<bool(const FitData&)>& f) {
        std::optional<Stream::Pass> own;
        if (!stream.endless()) own.emplace(stream.pass(std::uint64_t(epoch))).skip(first);
        else if (const auto wanted = epoch * steps + first; !endless || given != wanted) {
            endless.emplace(stream.pass()).skip(wanted);
            given = wanted;
        }
        for (auto at = first; steps == 0 || at < steps; ++at) {
            const auto next = (own ? own : endless)->next();
            if (!next) return;
            ++given;
            const FitData batch = batch_of(*next);
            const std::string who = fmt::format("fit: batch {}", at);
            detail::check_lengths(who.c_str(), batch);
            detail::check_finite(who.c_str(), batch);
            check_labels(who.c_str(), batch, classes);
            if (!f(batch)) return;
        }
    };
    const std::int64_t size = stream.size().value_or(steps > 0 ? steps : -1);
    return run(each, steps > 0 ? std::min(size, steps) : size, options, options.validation_data);
}

History Model::run(const EachBatch& each, std::int64_t batches, const FitOptions& options, const FitData& validation) {
    if (validation.given()) check_data("fit: validation", validation);
    require<std::invalid_argument>(options.steps_per_epoch == 0 || batches <= options.steps_per_epoch,
                                   "fit: expected steps_per_epoch beside a Stream only, got {} for {} batches",
                                   options.steps_per_epoch, batches);
    require<std::invalid_argument>(options.initial_epoch >= 0 && options.epochs >= options.initial_epoch,
                                   "fit: expected 0 <= initial_epoch <= epochs, got {} and {}", options.initial_epoch,
                                   options.epochs);
    require<std::invalid_argument>(0 <= options.verbose && options.verbose <= 2,
                                   "fit: expected verbose 0, 1 or 2, got {}", options.verbose);
    const FlushDenormals flush;
    History history;
    ProgressBar bar;
    Fit fit{*this, options.epochs, batches, options.verbose};
    for (auto& c : options.callbacks) fit.callbacks.push_back(&*c);  // the user's first: what they add to logs is seen
    fit.callbacks.push_back(&history);
    if (options.verbose) fit.callbacks.push_back(&bar);
    std::stable_partition(fit.callbacks.begin(), fit.callbacks.end(), [](const Callback* c) { return !c->last(); });
    for (const char* before : {"", "val_"}) {
        if (*before && !validation.given()) break;
        for (auto& name : loss_names()) fit.names.push_back(before + name);
        for (auto& m : options_.metrics) fit.names.push_back(before + m->name());
    }
    const auto tell = [&](void (Callback::*hook)(Fit&)) {
        for (Callback* c : fit.callbacks) (c->*hook)(fit);
    };
    const auto resume = [&] {
        if (const auto state = std::exchange(fit.resume, nullptr)) fit.restore(*state);
    };
    bool unchecked = true;
    const auto train = [&](const FitData& batch) {
        if (fit.stop) return false;
        fit.data = &batch;
        tell(&Callback::on_batch_begin);
        const auto finite = [&](double value) {
            if (!std::isfinite(value) && !fit.accepts_nan)
                fail<std::domain_error>("fit: expected a finite loss, got {} in batch {} of epoch {}{}",
                                        unsigned_nan(value), fit.batch, fit.epoch, why_not_finite(batch));
            return std::isfinite(value);
        };
        const auto reached = [&] {
            if (!std::exchange(unchecked, false)) return;
            if (const std::string names = detail::without_gradient(*module_); !names.empty())
                fmt::print(stderr, "fit: no gradient reaches {}: never trained; freeze() says that it is meant\n",
                           names);
        };
        fit.losses.add(train_on(batch, finite, reached), batch.size());
        write_results(fit.logs, fit.losses.values());
        tell(&Callback::on_batch_end);
        fit.data = nullptr;
        ++fit.batch;
        return !fit.stop;
    };

    fit.epoch = options.initial_epoch;
    tell(&Callback::on_train_begin);
    for (; fit.epoch < options.epochs && !fit.stop; ++fit.epoch) {
        const bool midway = fit.batch > 0;  // this epoch began in a run before: what its begin does is overwritten
        if (!midway) resume();
        if (fit.stop) break;
        fit.logs = {}, fit.losses = {};
        for (auto& m : options_.metrics) m->reset();
        tell(&Callback::on_epoch_begin);
        resume();
        if (midway) fit.logs = results(fit.losses.values());
        each(fit.epoch, fit.batch, train);
        if (fit.batches < 0 && !fit.stop) fit.batches = fit.batch;  // now it is known
        if (const std::string spoilt = detail::not_finite(*module_); !spoilt.empty() && !fit.accepts_nan)
            fail<std::domain_error>("fit: expected finite weights, got NaN or infinity in {} after epoch {}", spoilt,
                                    fit.epoch);
        if (validation.given()) {
            std::vector<std::shared_ptr<void>> meanwhile;
            for (auto& make : fit.while_validating) meanwhile.push_back(make());
            for (auto& [name, value] : measured_on(validation, options.batch_size)) fit.logs.set("val_" + name, value);
        }
        tell(&Callback::on_epoch_end);
        fit.batch = 0;
    }
    resume();  // a run that had ended
    tell(&Callback::on_train_end);
    return history;
}

Logs Model::train_on_batch(const Tensors& xs, Targets y, BatchOptions options) {
    compiled("train_on_batch");
    FitData batch{xs, std::move(y), options.sample_weight};
    detail::check_lengths("train_on_batch", batch);
    batch = detail::weigh_classes("train_on_batch", std::move(batch), options.class_weight);
    for (auto& m : options_.metrics) m->reset();
    const auto finite = [&](double value) {
        if (!std::isfinite(value))
            fail<std::domain_error>("train_on_batch: expected a finite loss, got {}{}", unsigned_nan(value),
                                    why_not_finite(batch));
        return true;
    };
    return results(train_on(batch, finite, [] {}));
}

Logs Model::evaluate(const Tensors& xs, Targets y, EvaluateOptions options) {
    compiled("evaluate");
    require<std::invalid_argument>(options.batch_size > 0, "evaluate: expected batch_size > 0, got {}",
                                   options.batch_size);
    const FitData data{xs, std::move(y), options.sample_weight};
    check_data("evaluate", data);
    return measured_on(data, options.batch_size);
}
Logs Model::test_on_batch(const Tensors& xs, Targets y, const Tensor& sample_weight) {
    compiled("test_on_batch");
    const FitData batch{xs, std::move(y), sample_weight};
    detail::check_lengths("test_on_batch", batch);
    return measured_on(batch, batch.size());
}
Logs Model::measured_on(const FitData& data, std::int64_t batch_size) {
    NoGrad unrecorded;
    Training inference(false);
    const KeepLogits keep;
    for (auto& m : options_.metrics) m->reset();
    RunningMeans losses;
    for (std::int64_t first = 0, n = data.size(); first < n; first += batch_size) {
        const FitData batch = detail::rows(data, first, std::min(n, first + batch_size));
        const Tensors y_preds = module_->outputs(batch.xs);
        measure(batch.ys, y_preds);
        std::vector<double> each;
        loss_of(batch, y_preds, each);
        losses.add(each, batch.size());
    }
    return results(losses.values());
}
Tensor Model::predict(const Tensors& xs, PredictOptions options) {
    const Tensors ys = predict_all(xs, options);
    require<std::logic_error>(ys.size() == 1, "predict: expected one output, got {}, which predict_all() gives",
                              ys.size());
    return ys[0];
}
Tensors Model::predict_all(const Tensors& xs, PredictOptions options) {
    require<std::invalid_argument>(!xs.empty() && xs[0].defined() && xs[0].rank() > 0 && xs[0].shape()[0] > 0,
                                   "predict: expected at least one row, got none");
    for (std::size_t i = 1; i < xs.size(); ++i)
        require(xs[i].defined() && xs[i].rank() > 0 && xs[i].shape()[0] == xs[0].shape()[0],
                "predict: expected x[0] and x[{}] of equal length, got {} and {}", i, xs[0].shape(),
                xs[i].defined() ? fmt::format("{}", xs[i].shape()) : "none");
    require<std::invalid_argument>(options.batch_size > 0, "predict: expected batch_size > 0, got {}",
                                   options.batch_size);
    NoGrad unrecorded;
    Training inference(false);
    std::vector<Tensors> parts;  // of each output
    const auto n = xs[0].shape()[0], size = std::min(n, options.batch_size);
    for (std::int64_t first = 0; first < n; first += size) {
        const Tensors ys = module_->outputs(detail::rows(xs, first, std::min(n, first + size)));
        parts.resize(ys.size());
        for (std::size_t i = 0; i < ys.size(); ++i) parts[i].push_back(ys[i]);
    }
    Tensors out;
    for (const Tensors& part : parts) out.push_back(part.size() == 1 ? part[0] : concatenate(part));
    return out;
}

Tensor Model::predict_on_batch(const Tensors& xs) {
    return predict(xs, {.batch_size = std::numeric_limits<std::int64_t>::max()});
}

std::vector<Tensor> Model::weights() const {
    std::vector<Tensor> copies;
    for (auto& [name, value] : module_->state()) copies.push_back(value.detach().copy());
    return copies;
}
void Model::set_weights(const std::vector<Tensor>& weights) {
    auto state = module_->state();
    require<std::invalid_argument>(state.size() == weights.size(), "set_weights: expected {} tensors, got {}",
                                   state.size(), weights.size());
    for (std::size_t i = 0; i < state.size(); ++i)
        require(state[i].second.shape() == weights[i].shape(), "set_weights: expected {} for {}, got {}",
                state[i].second.shape(), state[i].first, weights[i].shape());
    for (std::size_t i = 0; i < state.size(); ++i) state[i].second.assign(weights[i], "set_weights");
}

}  // namespace xg
