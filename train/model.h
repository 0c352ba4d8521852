#pragma once
#include "../nn/functional.h"
#include "../nn/sequential.h"
#include "../optim/optimizer.h"
#include "callbacks.h"
#include "fit_data.h"
#include "metrics.h"
#include "progress_bar.h"

namespace xg {

struct CompileOptions {
    Box<Optimizer> optimizer = "adam";
    Box<Loss> loss = {};
    std::vector<Box<Metric>> metrics = {};  // of the rows as they are
    // Of the rows times sample_weight and class_weight; with one of that name in `metrics`: "weighted_mae".
    std::vector<Box<Metric>> weighted_metrics = {};
    // With several outputs what is above holds for each, or these say it one by one.
    std::vector<Box<Loss>> losses = {};
    std::vector<double> loss_weights = {};  // the loss is the sum of the outputs' losses times these
    std::vector<std::vector<Box<Metric>>> output_metrics = {};
    std::vector<std::vector<Box<Metric>>> output_weighted_metrics = {};
};
struct FitOptions {
    int epochs = 1;  // the number of the last one
    std::int64_t batch_size = 32;
    double validation_split = 0;  // a share of the rows, taken out before any shuffling
    ValidationRows validation_rows = ValidationRows::last;
    ValidationData validation_data = {};
    std::int64_t validation_steps = 0;  // the most batches of a Stream to validate on; 0: all there are
    bool shuffle = true;
    std::vector<AnyCallback> callbacks = {};
    int verbose = 1;         // 0: silent, 1: a bar on a terminal, 2: a line an epoch
    std::uint64_t seed = 0;  // of the order of rows
    int initial_epoch = 0;
    std::int64_t steps_per_epoch = 0;                                // the most batches of an epoch; 0: all there are
    Tensor sample_weight = {};                                       // (rows,), multiplies each row's loss
    std::vector<std::pair<std::int64_t, double>> class_weight = {};  // {label, weight}; multiplies with sample_weight
};
struct EvaluateOptions {
    std::int64_t batch_size = 32;
    Tensor sample_weight = {};  // (rows,), multiplies each row's loss
    std::int64_t steps = 0;     // the most batches of a Stream; 0: all there are
};
struct PredictOptions {
    std::int64_t batch_size = 32;
};
struct BatchOptions {
    Tensor sample_weight = {};                                       // as in FitOptions
    std::vector<std::pair<std::int64_t, double>> class_weight = {};  // when training
};

/// A module with what it takes to train it: optimizer, loss, metrics. A temporary module is taken over, a variable is
/// borrowed (keep it alive as long as the model).
class Model {
public:
    template <class M>
    requires std::derived_from<std::remove_cvref_t<M>, Module>
    explicit Model(M&& module) {
        if constexpr (std::is_lvalue_reference_v<M>)
            module_ = std::shared_ptr<Module>(std::shared_ptr<void>(), &module);
        else module_ = std::make_shared<M>(std::move(module));
    }
    explicit Model(std::shared_ptr<Module> module) : module_(std::move(module)) {}
    /// The graph of layers between: Model(x, y), Model({a, b}, {{"price", y}, {"grade", z}}).
    Model(const Functional::Inputs& inputs, const Functional::Outputs& outputs) : Model(Functional(inputs, outputs)) {}
    Model(Model&&) = default;  // a copy would share weights in silence

    void compile(CompileOptions options);
    History fit(const Tensor& x, Targets y, FitOptions options = {}) {
        return fit(Tensors{x}, std::move(y), std::move(options));
    }
    History fit(const Tensors& xs, Targets y, FitOptions options = {});
    /// The loader decides on batches and their order; batch_size, shuffle and seed have no part. Throws if weights or
    /// validation_split are given.
    History fit(const DataLoader& loader, FitOptions options = {});
    History fit(const MultiDataLoader& loader, FitOptions options = {});
    History fit(const MultiTargetDataLoader& loader, FitOptions options = {});
    /// Batches: tensors whose last is the target (with several outputs, the last ones), the others the inputs. An
    /// endless one needs steps_per_epoch, and goes on where the epoch before ended; another one begins anew, with
    /// pass(epoch).
    History fit(const Stream& batches, FitOptions options = {});
    /// The loss and the metrics, by name.
    Logs evaluate(const Tensor& x, Targets y, EvaluateOptions options = {}) {
        return evaluate(Tensors{x}, std::move(y), options);
    }
    Logs evaluate(const Tensors& xs, Targets y, EvaluateOptions options = {});
    /// Of the first pass over batches as fit takes them; batch_size has no part.
    Logs evaluate(const Stream& batches, EvaluateOptions options = {});
    /// The outputs for all rows of x, in inference mode.
    Tensor predict(const Tensor& x, PredictOptions options = {}) { return predict(Tensors{x}, options); }
    Tensor predict(const Tensors& xs, PredictOptions options = {});
    /// The same of a model with several outputs.
    Tensors predict_all(const Tensors& xs, PredictOptions options = {});
    /// One step on one batch: its loss and metrics. Throws, before anything moves, if the loss is not finite.
    Logs train_on_batch(const Tensor& x, Targets y, BatchOptions options = {}) {
        return train_on_batch(Tensors{x}, std::move(y), std::move(options));
    }
    Logs train_on_batch(const Tensors& xs, Targets y, BatchOptions options = {});
    /// The loss and the metrics of one batch, in inference mode.
    Logs test_on_batch(const Tensor& x, Targets y, const Tensor& sample_weight = {}) {
        return test_on_batch(Tensors{x}, std::move(y), sample_weight);
    }
    Logs test_on_batch(const Tensors& xs, Targets y, const Tensor& sample_weight = {});
    /// The outputs for one batch, in inference mode.
    Tensor predict_on_batch(const Tensor& x) { return predict_on_batch(Tensors{x}); }
    Tensor predict_on_batch(const Tensors& xs);
    /// Layers, output shapes and parameter counts, printed.
    void summary() const;
    std::string summary_text() const;

    /// The architecture as JSON, for model_from_json().
    std::string to_json() const;

    Tensor operator()(const Tensor& x) { return (*module_)(x); }
    Symbol operator()(const Symbol& x) { return x | Layer(module_); }
    Module& module() { return *module_; }
    const Module& module() const { return *module_; }
    const std::vector<Box<Metric>>& metrics() const { return options_.metrics; }
    Optimizer& optimizer() { return *compiled("optimizer").optimizer; }
    auto named_parameters() const { return module_->named_parameters(); }
    auto parameters() const { return module_->parameters(); }
    /// Copies of parameters and buffers, in the order of module().state().
    std::vector<Tensor> weights() const;
    void set_weights(const std::vector<Tensor>& weights);

private:
    /// Takes a batch; false: no more, please.
    using TakeBatch = std::function<bool(const FitData&)>;
    /// Gives the batches of an epoch from the `first` on, in order.
    using GiveBatches = std::function<void(std::int64_t epoch, std::int64_t first, const TakeBatch& take)>;

    CompileOptions& compiled(const char* who);
    std::vector<std::int64_t> check_data(const char* who, const FitData& data);
    std::vector<std::string> loss_names() const;
    Tensor loss_of(const FitData& batch, const Tensors& y_preds, std::vector<double>& each) const;
    void measure(const FitData& batch, const Tensors& y_preds);
    Logs results(const RunningMeans& losses) const;
    void write_results(Logs& logs, const RunningMeans& losses) const;
    std::string why_not_finite(const FitData& batch);
    Logs measured_on(const std::function<void(const TakeBatch&)>& give);
    Logs measured_on(const FitData& data, std::int64_t batch_size);

    template <class X, class Y> History fit_loader(const Loader<X, Y>& loader, const FitOptions& options);
    GiveBatches batches_of(const char* who, const char* limit, const Stream& stream, std::int64_t steps);
    History run(const GiveBatches& give, std::int64_t batches, const FitOptions& options,
                const ValidationData& validation);
    bool train(Fit& fit, const FitData& batch);
    template <class Finite, class Reached, class Moved> void train_on(const FitData& batch, std::vector<double>& losses,
                                                                      const Finite& finite, const Reached& reached,
                                                                      const Moved& moved);

    /// What compile said about one output.
    struct Head {
        std::string name;  // empty if it is the only one
        Box<Loss> loss;
        double weight;
        std::size_t first_metric = 0, first_weighted = 0, last_metric = 0;  // of options_.metrics
    };
    friend class SavedModel;
    std::shared_ptr<Module> module_;
    CompileOptions options_;
    std::vector<Head> heads_;
    bool compiled_ = false;
};

/// What loading found: names in the file that the module lacks, the reverse, and those of another shape.
struct WeightsReport {
    std::vector<std::string> missing, unexpected, wrong_shape;
    bool ok() const { return missing.empty() && unexpected.empty() && wrong_shape.empty(); }
};
std::string to_string(const WeightsReport& report);
struct LoadOptions {
    bool strict = true;
};
/// Parameters and buffers by name, as safetensors.
void save_weights(const Module& module, const std::string& path);
inline void save_weights(const Model& model, const std::string& path) { save_weights(model.module(), path); }
/// Takes the values of all names that fit. Strict: throws if any does not, and changes nothing.
WeightsReport load_weights(Module& module, const std::string& path, LoadOptions options = {});
/// The same with what is in no file: {"0.kernel", ...}.
WeightsReport set_weights(Module& module, const std::vector<std::pair<std::string, Tensor>>& weights,
                          LoadOptions options = {});
inline WeightsReport load_weights(Model& model, const std::string& path, LoadOptions options = {}) {
    return load_weights(model.module(), path, options);
}

struct SaveOptions {
    bool compiled = true;  // the settings of compile and the optimizer's state as well
};
/// Everything in one file, a zip archive of config.json, weights.safetensors and optimizer.safetensors, replaced whole
/// or left as it was. Throws if a layer, the loss or another part has no name by which it could be made again.
void save_model(const Model& model, const std::string& path, SaveOptions options = {});
/// A model that goes on where the saved one was. Throws FileError.
Model load_model(const std::string& path);
/// A model with that architecture and new weights.
Model model_from_json(const std::string& text);

}  // namespace xg
