#pragma once
#include <optional>
#include <string>
#include <vector>
#include "../tensor/tensor.h"
#include "callback.h"

namespace xg {

/// Every epoch's numbers.
class History : public Callback {
public:
    void on_epoch_end(Fit& fit) override;
    /// One value an epoch: history["val_loss"]; throws and lists the names if there is no such one.
    const std::vector<double>& operator[](const std::string& name) const;
    std::size_t epochs() const { return epochs_; }
    auto begin() const { return curves_.begin(); }
    auto end() const { return curves_.end(); }
    /// The curves as a picture: the loss, and what else was measured, for training and validation. Throws FileError.
    void save_svg(const std::string& path) const;

private:
    std::vector<std::pair<std::string, std::vector<double>>> curves_;
    std::size_t epochs_ = 0;
};

struct EarlyStoppingOptions {
    std::string monitor = "val_loss";
    double min_delta = 0;
    int patience = 0;
    int verbose = 0;                      // 1: says when it stops and what it restores
    std::string mode = "auto";            // "min", "max"; auto: as the loss or the metric of that name has it
    std::optional<double> baseline = {};  // what must be beaten as well
    bool restore_best_weights = false;    // at the end, whether it stopped or not
    int start_from_epoch = 0;             // epochs before are not looked at
};
/// Stops after `patience` epochs without improvement; NaN is never one.
class EarlyStopping : public Callback {
public:
    explicit EarlyStopping(EarlyStoppingOptions options = {});
    void on_train_begin(Fit& fit) override;
    void on_epoch_end(Fit& fit) override;
    void on_train_end(Fit& fit) override;
    /// From 0; -1 if there was none.
    int best_epoch() const { return best_epoch_; }
    /// From 0; -1 if it did not stop the training.
    int stopped_epoch() const { return stopped_epoch_; }

private:
    std::optional<bool> larger_is_better(const Model& model) const;
    bool better(double value, double than) const;

    EarlyStoppingOptions options_;
    bool larger_ = false;
    double best_ = 0;
    int best_epoch_ = -1, stopped_epoch_ = -1, waited_ = 0;
    std::vector<Tensor> weights_;
};

struct CSVLoggerOptions {
    char separator = ',';
    bool append = false;
};
/// A line an epoch in a CSV file, epochs counted from 0.
class CSVLogger : public Callback {
public:
    explicit CSVLogger(std::string path, CSVLoggerOptions options = {}) : path_(std::move(path)), options_(options) {}
    void on_train_begin(Fit& fit) override;
    void on_epoch_end(Fit& fit) override;

private:
    void write(const std::string& line, const char* mode) const;
    std::string path_;
    CSVLoggerOptions options_;
    bool header_ = false;
};

class EventFile;
/// Event files for TensorBoard, tagged as Keras tags them: epoch_loss, epoch_<metric>, epoch_learning_rate in the runs
/// train and validation below `folder`.
class TensorBoard : public Callback {
public:
    explicit TensorBoard(std::string folder = "logs") : folder_(std::move(folder)) {}
    void on_train_begin(Fit& fit) override;
    void on_epoch_end(Fit& fit) override;
    void on_train_end(Fit& fit) override;

private:
    std::string folder_;
    std::shared_ptr<EventFile> train_, validation_;
};

}  // namespace xg
