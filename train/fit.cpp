#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include "../autograd/logits.h"
#include "../autograd/node.h"
#include "../autograd/ops/layout.h"
#include "../io/state.h"
#include "../tensor/random.h"
#include "checks.h"
#include "model.h"

namespace xg {

namespace {
/// A NaN's sign means nothing.
double unsigned_nan(double v) { return std::isnan(v) ? std::numeric_limits<double>::quiet_NaN() : v; }

/// What batches that are made elsewhere leave no room for.
void refuse_array_options(const char* source, const FitOptions& options) {
    require<std::invalid_argument>(options.validation_split == 0,
                                   "fit: expected validation_data beside a {}, got validation_split {}", source,
                                   options.validation_split);
    require<std::invalid_argument>(!options.sample_weight.defined() && options.class_weight.empty(),
                                   "fit: expected no weights beside a {}, got {}", source,
                                   options.sample_weight.defined() ? "sample_weight" : "class_weight");
}
void check(const FitOptions& options, std::int64_t batches) {
    require<std::invalid_argument>(options.steps_per_epoch == 0 || batches <= options.steps_per_epoch,
                                   "fit: expected steps_per_epoch beside a Stream only, got {} for {} batches",
                                   options.steps_per_epoch, batches);
    require<std::invalid_argument>(options.validation_steps == 0 || options.validation_data.batches,
                                   "fit: expected validation_steps beside a Stream to validate on only, got {}",
                                   options.validation_steps);
    require<std::invalid_argument>(options.initial_epoch >= 0 && options.epochs >= options.initial_epoch,
                                   "fit: expected 0 <= initial_epoch <= epochs, got {} and {}", options.initial_epoch,
                                   options.epochs);
    require<std::invalid_argument>(0 <= options.verbose && options.verbose <= 2,
                                   "fit: expected verbose 0, 1 or 2, got {}", options.verbose);
}
void tell(Fit& fit, void (Callback::*hook)(Fit&)) {
    for (Callback* c : fit.callbacks) (c->*hook)(fit);
}
void resume(Fit& fit) {
    if (const auto state = std::exchange(fit.resume, nullptr)) fit.restore(*state);
}
}  // namespace

History Model::fit(const Tensors& xs, Targets y, FitOptions options) {
    compiled("fit");
    const auto size = options.batch_size;
    require<std::invalid_argument>(size > 0, "fit: expected batch_size > 0, got {}", size);
    require<std::invalid_argument>(0 <= options.validation_split && options.validation_split < 1,
                                   "fit: expected 0 <= validation_split < 1, got {}", options.validation_split);
    FitData train{xs, std::move(y), options.sample_weight};
    ValidationData validation = options.validation_data;
    check_data("fit", train);
    if (options.validation_split > 0 && !validation.given())
        std::tie(train, static_cast<FitData&>(validation)) = detail::hold_out(
            train, options.validation_split, options.validation_rows, options.seed, options.verbose == 0);
    train = detail::weigh_classes("fit", std::move(train), options.class_weight);
    const auto give = [&](std::int64_t epoch, std::int64_t batch, const TakeBatch& take) {
        const Tensor order =
            options.shuffle ? permutation(RandomKey{options.seed, std::uint64_t(epoch)}, train.size()) : Tensor();
        for (std::int64_t first = batch * size; first < train.size(); first += size) {
            const auto last = std::min(train.size(), first + size);
            if (!take(order.defined() ? detail::rows(train, slice(order, first, last))
                                      : detail::rows(train, first, last)))
                return;
        }
    };
    return run(give, (train.size() + size - 1) / size, options, validation);
}

template <class X, class Y> History Model::fit_loader(const Loader<X, Y>& loader, const FitOptions& options) {
    compiled("fit");
    refuse_array_options("DataLoader", options);
    check_data("fit", loader.data());
    require<std::invalid_argument>(loader.batches() > 0, "fit: expected at least one batch, got none");
    const auto give = [&](std::int64_t epoch, std::int64_t first, const TakeBatch& take) {
        const auto pass = loader.epoch(epoch);
        auto at = pass.begin();
        for (std::int64_t skipped = 0; skipped < first; ++skipped) ++at;
        FitData batch;  // one for all: its lists keep their memory
        for (; at != pass.end(); ++at) {
            auto [x, y] = *at;
            detail::set(batch.xs, std::move(x)), detail::set(batch.ys, std::move(y));
            if (!take(batch)) return;
            for (auto* list : {&batch.xs, static_cast<Tensors*>(&batch.ys)})
                for (Tensor& t : *list) t = {};  // so that the next batch finds this one's memory
        }
    };
    return run(give, loader.batches(), options, options.validation_data);
}
History Model::fit(const DataLoader& loader, FitOptions options) { return fit_loader(loader, options); }
History Model::fit(const MultiDataLoader& loader, FitOptions options) { return fit_loader(loader, options); }
History Model::fit(const MultiTargetDataLoader& loader, FitOptions options) { return fit_loader(loader, options); }

History Model::fit(const Stream& stream, FitOptions options) {
    compiled("fit");
    refuse_array_options("Stream", options);
    const auto steps = options.steps_per_epoch;
    const auto give = batches_of("fit", "steps_per_epoch", stream, steps);
    const std::int64_t size = stream.size().value_or(steps > 0 ? steps : -1);
    return run(give, steps > 0 ? std::min(size, steps) : size, options, options.validation_data);
}

/// Of a stream, checked one by one; `limit` is the name of the option that says how many at most. An endless stream
/// goes on where it was left, if that is where it is wanted.
Model::GiveBatches Model::batches_of(const char* who, const char* limit, const Stream& stream, std::int64_t steps) {
    require<std::invalid_argument>(steps >= 0, "{}: expected {} >= 0, got {}", who, limit, steps);
    require<std::invalid_argument>(steps > 0 || !stream.endless(), "{}: expected {} beside an endless Stream, got none",
                                   who, limit);
    const auto first_batch = stream.pass().next();
    require<std::invalid_argument>(first_batch.has_value(), "{}: expected at least one batch, got none", who);
    const auto batch_of = [who, outputs = heads_.size()](const Tensors& tensors) {
        require<std::invalid_argument>(tensors.size() > outputs,
                                       "{}: expected inputs and {} in a batch, got {} tensor{}", who,
                                       outputs == 1 ? "a target" : fmt::format("{} targets", outputs), tensors.size(),
                                       tensors.size() == 1 ? "" : "s");
        const auto targets = tensors.end() - std::ptrdiff_t(outputs);
        return FitData(Tensors(tensors.begin(), targets), Tensors(targets, tensors.end()));
    };
    const auto classes = check_data(who, batch_of(*first_batch));
    struct Endless {
        std::optional<Stream::Pass> pass = {};
        std::int64_t given = 0;
    };
    return [=, endless = std::make_shared<Endless>()](std::int64_t epoch, std::int64_t first, const TakeBatch& take) {
        std::optional<Stream::Pass> own;
        if (!stream.endless()) own.emplace(stream.pass(std::uint64_t(epoch))).skip(first);
        else if (const auto wanted = epoch * steps + first; !endless->pass || endless->given != wanted) {
            endless->pass.emplace(stream.pass()).skip(wanted);
            endless->given = wanted;
        }
        for (auto at = first; steps == 0 || at < steps; ++at) {
            const auto next = (own ? own : endless->pass)->next();
            if (!next) return;
            ++endless->given;
            const FitData batch = batch_of(*next);
            const std::string place = fmt::format("{}: batch {}", who, at);
            detail::check_lengths(place.c_str(), batch);
            detail::check_finite(place.c_str(), batch);
            detail::check_labels(place.c_str(), batch, classes);
            if (!take(batch)) return;
        }
    };
}

History Model::run(const GiveBatches& give, std::int64_t batches, const FitOptions& options,
                   const ValidationData& validation) {
    check(options, batches);
    GiveBatches give_validation;
    if (validation.batches)
        give_validation =
            batches_of("fit: validation", "validation_steps", *validation.batches, options.validation_steps);
    else if (validation.given()) check_data("fit: validation", validation);
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

    fit.epoch = options.initial_epoch;
    tell(fit, &Callback::on_train_begin);
    for (; fit.epoch < options.epochs && !fit.stop; ++fit.epoch) {
        const bool midway = fit.batch > 0;  // this epoch began in a run before: what its begin does is overwritten
        if (!midway) resume(fit);
        if (fit.stop) break;
        fit.logs = {}, fit.losses = {};
        for (auto& m : options_.metrics) m->reset();
        tell(fit, &Callback::on_epoch_begin);
        resume(fit);
        if (midway) fit.logs = results(fit.losses);
        give(fit.epoch, fit.batch, [&](const FitData& batch) { return train(fit, batch); });
        if (fit.batches < 0 && !fit.stop) fit.batches = fit.batch;  // now it is known
        if (const std::string spoilt = detail::not_finite(*module_); !spoilt.empty() && !fit.accepts_nan)
            fail<std::domain_error>("fit: expected finite weights, got NaN or infinity in {} after epoch {}", spoilt,
                                    fit.epoch);
        if (validation.given()) {
            std::vector<std::shared_ptr<void>> meanwhile;
            for (auto& make : fit.while_validating) meanwhile.push_back(make());
            const Logs measured = validation.batches
                                      ? measured_on([&](const TakeBatch& take) { give_validation(0, 0, take); })
                                      : measured_on(validation, options.batch_size);
            for (auto& [name, value] : measured) fit.logs.set("val_" + name, value);
        }
        tell(fit, &Callback::on_epoch_end);
        fit.batch = 0;
    }
    resume(fit);  // a run that had ended
    // As in Keras the model ends with the averages, if its optimizer keeps them.
    if (optimizer().keeps_average() && !fit.averaged) optimizer().use_average();
    tell(fit, &Callback::on_train_end);
    return history;
}

/// One batch of a fit; false once it is to end.
bool Model::train(Fit& fit, const FitData& batch) {
    if (fit.stop) return false;
    fit.data = &batch;
    tell(fit, &Callback::on_batch_begin);
    const auto finite = [this, &fit](double value) {
        if (!std::isfinite(value) && !fit.accepts_nan)
            fail<std::domain_error>("fit: expected a finite loss, got {} in batch {} of epoch {}{}",
                                    unsigned_nan(value), fit.batch, fit.epoch, why_not_finite(*fit.data));
        return std::isfinite(value);
    };
    const auto reached = [this, &fit] {
        if (std::exchange(fit.looked_at_gradients, true)) return;
        if (const std::string names = detail::without_gradient(*module_); !names.empty())
            fmt::print(stderr, "fit: no gradient reaches {}: never trained; freeze() says that it is meant\n", names);
    };
    const auto moved = [this, &fit] {
        const std::string& spoilt = options_.optimizer->nonfinite_gradients();
        if (spoilt.empty() || fit.accepts_nan) return;
        zero_grad(module_->parameters());
        fail<std::domain_error>(
            "fit: expected finite gradients, got NaN or infinity in that of {} in batch {} of epoch "
            "{}; an Anomaly guard tells which operation made it",
            spoilt, fit.batch, fit.epoch);
    };
    train_on(batch, fit.batch_losses, finite, reached, moved);
    fit.losses.add(fit.batch_losses, batch.size());
    write_results(fit.logs, fit.losses);
    tell(fit, &Callback::on_batch_end);
    fit.data = nullptr;
    ++fit.batch;
    return !fit.stop;
}
/// `finite` is told the loss before anything moves, and may throw or refuse the step; `reached` is called when there
/// are gradients, `moved` after the step, when there still are.
template <class Finite, class Reached, class Moved>
void Model::train_on(const FitData& batch, std::vector<double>& losses, const Finite& finite, const Reached& reached,
                     const Moved& moved) {
    Training mode;
    const KeepLogits keep;
    const Tensors y_preds = module_->outputs(batch.xs);
    const Tensor loss = loss_of(batch, y_preds, losses);
    if (!finite(losses[0])) return;
    options_.optimizer->minimize(loss, *module_, reached, moved);
    measure(batch, y_preds);
}
/// The end of a message about a loss that is not finite: why.
std::string Model::why_not_finite(const FitData& batch) {
    return detail::why_not_finite(*module_, [&] {
        Training mode;
        std::vector<double> losses;
        return loss_of(batch, module_->outputs(batch.xs), losses);
    });
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
    RunningMeans losses;
    std::vector<double> own;
    train_on(
        batch, own, finite, [] {}, [] {});
    losses.add(own, 1);
    return results(losses);
}

}  // namespace xg
