#pragma once
#include "../data/loader.h"
#include "../nn/sequential.h"
#include "../optim/optimizer.h"
#include "callbacks.h"
#include "metrics.h"

namespace xg {

struct CompileOptions {
    Box<Optimizer> optimizer = "adam";
    Box<Loss> loss = {};
    std::vector<Box<Metric>> metrics = {};
};
/// Which rows validation_split takes: the last ones as they stand, or others by the fit's seed.
enum class ValidationRows : std::uint8_t { last, shuffled, stratified };
struct FitOptions {
    int epochs = 1;  // the number of the last one
    std::int64_t batch_size = 32;
    double validation_split = 0;  // a share of the rows, taken out before any shuffling
    ValidationRows validation_rows = ValidationRows::last;
    Dataset validation_data = {};
    bool shuffle = true;
    std::vector<AnyCallback> callbacks = {};
    int verbose = 1;         // 0: silent, 1: a bar on a terminal, 2: a line an epoch
    std::uint64_t seed = 0;  // of the order of rows
    int initial_epoch = 0;
    Tensor sample_weight = {};                                       // (rows,), multiplies each row's loss
    std::vector<std::pair<std::int64_t, double>> class_weight = {};  // {label, weight}; multiplies with sample_weight
};
struct EvaluateOptions {
    std::int64_t batch_size = 32;
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
    Model(Model&&) = default;  // a copy would share weights in silence

    void compile(CompileOptions options);
    History fit(const Tensor& x, const Tensor& y, FitOptions options = {}) {
        return fit(Tensors{x}, y, std::move(options));
    }
    History fit(const Tensors& xs, const Tensor& y, FitOptions options = {});
    /// The loader decides on batches and their order; batch_size, shuffle, seed, weights and validation_split have no
    /// part.
    History fit(const DataLoader& loader, FitOptions options = {});
    /// The loss and the metrics, by name.
    Logs evaluate(const Tensor& x, const Tensor& y, EvaluateOptions options = {}) {
        return evaluate(Tensors{x}, y, options);
    }
    Logs evaluate(const Tensors& xs, const Tensor& y, EvaluateOptions options = {});
    /// The outputs for all rows of x, in inference mode.
    Tensor predict(const Tensor& x, EvaluateOptions options = {}) { return predict(Tensors{x}, options); }
    Tensor predict(const Tensors& xs, EvaluateOptions options = {});
    /// Layers, output shapes and parameter counts, printed.
    void summary() const;
    std::string summary_text() const;

    Tensor operator()(const Tensor& x) { return (*module_)(x); }
    Module& module() { return *module_; }
    const Module& module() const { return *module_; }
    Optimizer& optimizer() { return *compiled("optimizer").optimizer; }
    auto named_parameters() const { return module_->named_parameters(); }
    auto parameters() const { return module_->parameters(); }
    /// Copies of parameters and buffers, in the order of module().state().
    std::vector<Tensor> weights() const;
    void set_weights(const std::vector<Tensor>& weights);

private:
    struct Batch {
        Tensors xs;
        Tensor y, weight;
    };
    using EachBatch = std::function<void(std::int64_t epoch, const std::function<void(const Batch&)>&)>;

    CompileOptions& compiled(const char* who);
    History run(const EachBatch& each, std::int64_t batches, const FitOptions& options, const Tensors& validation_x,
                const Tensor& validation_y);
    double train_on(const Batch& batch);
    void measure(const Tensor& y, const Tensor& y_pred);
    Logs results(double loss) const;
    void check_data(const char* who, const Tensors& xs, const Tensor& y);

    std::shared_ptr<Module> module_;
    CompileOptions options_;
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
inline WeightsReport load_weights(Model& model, const std::string& path, LoadOptions options = {}) {
    return load_weights(model.module(), path, options);
}

}  // namespace xg
