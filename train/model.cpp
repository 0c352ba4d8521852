#include "model.h"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>
#include "../autograd/node.h"
#include "../autograd/ops/arithmetic.h"
#include "../autograd/ops/indexing.h"
#include "../autograd/ops/layout.h"
#include "../autograd/ops/reduction.h"
#include "../tensor/random.h"

namespace xg {

namespace {
/// A running mean weighted by rows, so that a small last batch counts right.
struct RunningMean {
    double total = 0, rows = 0;
    void add(double mean, std::int64_t n) { total += mean * double(n), rows += double(n); }
    double value() const { return rows > 0 ? total / rows : 0; }
};
Tensors each_of(const Tensors& xs, const auto& f) {
    Tensors out;
    for (const Tensor& x : xs) out.push_back(f(x));
    return out;
}
Tensors rows(const Tensors& xs, std::int64_t first, std::int64_t last) {
    return each_of(xs, [&](const Tensor& x) { return slice(x, first, last); });
}
Tensors rows(const Tensors& xs, const Tensor& index) {
    return each_of(xs, [&](const Tensor& x) { return take(x, index); });
}
/// The first row that holds NaN or infinity, -1 if none.
std::int64_t unfinite_row(const Tensor& t) {
    if (!is_float(t.dtype())) return -1;
    return dispatch_float(t.dtype(), "fit", [&]<class T> {
        for (std::int64_t i = 0; i < t.numel(); ++i)
            if (!std::isfinite(t.raw<T>()[i])) return i / (t.numel() / t.shape()[0]);
        return std::int64_t(-1);
    });
}
}  // namespace

void Model::compile(CompileOptions options) {
    require<std::invalid_argument>(bool(options.loss), "compile: expected a loss, got none");
    options_ = std::move(options);
    compiled_ = true;
}
CompileOptions& Model::compiled(const char* who) {
    require<std::logic_error>(compiled_, "{}: expected compile() before", who);
    return options_;
}

/// All that would otherwise go wrong in the middle of training: before the first step.
void Model::check_data(const char* who, const Tensors& xs, const Tensor& y) {
    require<std::invalid_argument>(!xs.empty() && y.defined() && y.rank() > 0 && y.shape()[0] > 0,
                                   "{}: expected at least one row, got none", who);
    for (const Tensor& x : xs)
        require(x.defined() && x.rank() > 0 && x.shape()[0] == y.shape()[0],
                "{}: expected x and y of equal length, got {} and {}", who, x.shape(), y.shape());
    for (const Tensor& t : xs)
        if (const auto row = unfinite_row(t); row >= 0)
            fail<std::invalid_argument>("{}: expected finite numbers, got NaN or infinity in row {} of x", who, row);
    if (const auto row = unfinite_row(y); row >= 0)
        fail<std::invalid_argument>("{}: expected finite numbers, got NaN or infinity in row {} of y", who, row);
    // One row in inference mode builds the module, and tells how many classes there are.
    NoGrad unrecorded;
    Training inference(false);
    const Tensor first = (*module_)(rows(xs, 0, 1));
    const auto classes = options_.loss->classes(first);
    if (classes == 0) return;
    const Tensor labels = y.to(i64);
    for (std::int64_t i = 0; i < labels.numel(); ++i) {
        const auto label = labels.raw<std::int64_t>()[i];
        require<std::invalid_argument>(0 <= label && label < classes,
                                       "{}: expected labels in [0, {}), got {} in row {}", who, classes, label,
                                       i / (labels.numel() / labels.shape()[0]));
    }
}

void Model::measure(const Tensor& y, const Tensor& y_pred) {
    if (options_.metrics.empty()) return;
    NoGrad unrecorded;
    const Tensor predictions = options_.loss->predictions(y_pred.detach());
    for (auto& m : options_.metrics) m->update(y, predictions);
}
Logs Model::results(double loss) const {
    Logs logs;
    logs.set("loss", loss);
    for (auto& m : options_.metrics) logs.set(m->name(), m->result());
    return logs;
}
double Model::train_on(const Batch& batch) {
    Training mode;
    const Tensor y_pred = (*module_)(batch.xs);
    const Tensor loss = (*options_.loss)(batch.y, y_pred, batch.weight);
    options_.optimizer->minimize(loss, module_->parameters());
    measure(batch.y, y_pred);
    return loss.item();
}

History Model::fit(const Tensors& given_x, const Tensor& given_y, FitOptions options) {
    compiled("fit");
    require<std::invalid_argument>(options.batch_size > 0, "fit: expected batch_size > 0, got {}", options.batch_size);
    require<std::invalid_argument>(0 <= options.validation_split && options.validation_split < 1,
                                   "fit: expected 0 <= validation_split < 1, got {}", options.validation_split);
    check_data("fit", given_x, given_y);
    Tensors xs = given_x;
    Tensor y = given_y, weight = options.sample_weight;
    const auto n = y.shape()[0], kept = std::int64_t(std::floor(double(n) * (1 - options.validation_split)));
    require<std::invalid_argument>(kept > 0, "fit: expected rows to train on, got {} of {}", kept, n);
    if (weight.defined())
        require(weight.rank() > 0 && weight.shape()[0] == n, "fit: expected one sample_weight a row, {}, got {}", n,
                weight.shape());
    if (!options.class_weight.empty()) {
        Tensor by_class = ones({n});
        const Tensor labels = reshape(y.rank() > 1 && y.shape().back() > 1 ? argmax(y, -1) : y.to(i64), {n});
        for (auto& [label, w] : options.class_weight) by_class = where(labels == label, w, by_class);
        weight = weight.defined() ? weight * by_class : by_class;
    }
    Tensors validation_x;
    Tensor validation_y = options.validation_data.y;
    if (options.validation_data.x.defined()) validation_x = {options.validation_data.x};
    if (options.validation_split > 0 && validation_x.empty()) {
        if (options.validation_rows != ValidationRows::last) {
            const Dataset index{arange(n), y};
            const auto [train, test] =
                split(index, {.test = 1 - double(kept) / double(n),
                              .seed = options.seed,
                              .stratify = options.validation_rows == ValidationRows::stratified});
            validation_x = rows(xs, test.x), validation_y = test.y;
            if (weight.defined()) weight = take(weight, train.x);
            xs = rows(xs, train.x), y = train.y;
        } else {
            validation_x = rows(xs, kept, n), validation_y = slice(y, kept, n);
            if (weight.defined()) weight = slice(weight, 0, kept);
            xs = rows(xs, 0, kept), y = slice(y, 0, kept);
            if (!is_float(y.dtype()) && y.dtype() != boolean) {
                const Tensor a = y.to(i64), b = validation_y.to(i64);
                const std::set<std::int64_t> seen(a.raw<std::int64_t>(), a.raw<std::int64_t>() + a.numel()),
                    held(b.raw<std::int64_t>(), b.raw<std::int64_t>() + b.numel());
                if (seen != held)
                    fmt::print(stderr,
                               "fit: the last rows hold other labels than the rest; consider .validation_rows = "
                               "ValidationRows::stratified\n");
            }
        }
    }
    if (validation_y.defined()) check_data("fit: validation", validation_x, validation_y);
    const auto size = y.shape()[0], batch = options.batch_size;
    const auto each = [&](std::int64_t epoch, const std::function<void(const Batch&)>& f) {
        const Tensor order =
            options.shuffle ? permutation(RandomKey{options.seed, std::uint64_t(epoch)}, size) : Tensor();
        for (std::int64_t first = 0; first < size; first += batch) {
            const auto last = std::min(size, first + batch);
            if (order.defined()) {
                const Tensor index = slice(order, first, last);
                f({rows(xs, index), take(y, index), weight.defined() ? take(weight, index) : Tensor()});
            } else {
                f({rows(xs, first, last), slice(y, first, last),
                   weight.defined() ? slice(weight, first, last) : Tensor()});
            }
        }
    };
    return run(each, (size + batch - 1) / batch, options, validation_x, validation_y);
}

History Model::fit(const DataLoader& loader, FitOptions options) {
    compiled("fit");
    require<std::invalid_argument>(options.validation_split == 0,
                                   "fit: expected validation_data beside a DataLoader, got validation_split {}",
                                   options.validation_split);
    Tensors validation_x;
    if (options.validation_data.x.defined()) {
        validation_x = {options.validation_data.x};
        check_data("fit: validation", validation_x, options.validation_data.y);
    }
    const auto each = [&](std::int64_t epoch, const std::function<void(const Batch&)>& f) {
        for (auto [x, y] : loader.epoch(epoch)) f({{x}, y, {}});
    };
    return run(each, loader.batches(), options, validation_x, options.validation_data.y);
}

History Model::run(const EachBatch& each, std::int64_t batches, const FitOptions& options, const Tensors& validation_x,
                   const Tensor& validation_y) {
    require<std::invalid_argument>(options.initial_epoch >= 0 && options.epochs >= options.initial_epoch,
                                   "fit: expected 0 <= initial_epoch <= epochs, got {} and {}", options.initial_epoch,
                                   options.epochs);
    const FlushDenormals flush;
    History history;
    ProgressBar bar;
    std::vector<AnyCallback> callbacks = options.callbacks;  // the user's first: what they add to the logs is seen
    callbacks.emplace_back(history);
    if (options.verbose) callbacks.emplace_back(bar);
    Fit fit{*this, options.epochs, batches, options.verbose};
    for (const char* before : {"", "val_"}) {
        if (*before && validation_x.empty()) break;
        fit.names.push_back(before + std::string("loss"));
        for (auto& m : options_.metrics) fit.names.push_back(before + m->name());
    }
    const auto tell = [&](void (Callback::*hook)(Fit&)) {
        for (auto& c : callbacks) ((*c).*hook)(fit);
    };

    tell(&Callback::on_train_begin);
    for (fit.epoch = options.initial_epoch; fit.epoch < options.epochs && !fit.stop; ++fit.epoch) {
        fit.logs = {};
        for (auto& m : options_.metrics) m->reset();
        tell(&Callback::on_epoch_begin);
        RunningMean loss;
        fit.batch = 0;
        each(fit.epoch, [&](const Batch& batch) {
            tell(&Callback::on_batch_begin);
            const double value = train_on(batch);
            require<std::domain_error>(std::isfinite(value),
                                       "fit: expected a finite loss, got {} in batch {} of epoch {}", value, fit.batch,
                                       fit.epoch);
            loss.add(value, batch.y.shape()[0]);
            fit.logs = results(loss.value());
            tell(&Callback::on_batch_end);
            ++fit.batch;
        });
        if (!validation_x.empty())
            for (auto& [name, value] : evaluate(validation_x, validation_y, {.batch_size = options.batch_size}))
                fit.logs.set("val_" + name, value);
        tell(&Callback::on_epoch_end);
    }
    tell(&Callback::on_train_end);
    return history;
}

Logs Model::evaluate(const Tensors& xs, const Tensor& y, EvaluateOptions options) {
    compiled("evaluate");
    require<std::invalid_argument>(options.batch_size > 0, "evaluate: expected batch_size > 0, got {}",
                                   options.batch_size);
    check_data("evaluate", xs, y);
    NoGrad unrecorded;
    Training inference(false);
    for (auto& m : options_.metrics) m->reset();
    RunningMean loss;
    for (std::int64_t first = 0, n = y.shape()[0]; first < n; first += options.batch_size) {
        const auto last = std::min(n, first + options.batch_size);
        const Tensor part = slice(y, first, last), y_pred = (*module_)(rows(xs, first, last));
        measure(part, y_pred);
        loss.add((*options_.loss)(part, y_pred).item(), last - first);
    }
    return results(loss.value());
}
Tensor Model::predict(const Tensors& xs, EvaluateOptions options) {
    require<std::invalid_argument>(!xs.empty() && xs[0].rank() > 0 && xs[0].shape()[0] > 0,
                                   "predict: expected at least one row, got none");
    require<std::invalid_argument>(options.batch_size > 0, "predict: expected batch_size > 0, got {}",
                                   options.batch_size);
    NoGrad unrecorded;
    Training inference(false);
    std::vector<Tensor> parts;
    for (std::int64_t first = 0, n = xs[0].shape()[0]; first < n; first += options.batch_size)
        parts.push_back((*module_)(rows(xs, first, std::min(n, first + options.batch_size))));
    return parts.size() == 1 ? parts[0] : concatenate(parts);
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
