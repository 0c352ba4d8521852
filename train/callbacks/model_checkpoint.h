#pragma once
#include <deque>
#include <optional>
#include "../monitor.h"

namespace xg {

struct ModelCheckpointOptions {
    std::string monitor = "val_loss";
    int verbose = 0;
    bool save_best_only = false;
    std::optional<bool> save_weights_only = {};  // unset: as the path ends, .safetensors: weights, else the model
    std::string mode = "auto";
    int save_freq = 0;                                   // batches between two saves; 0: at the end of each epoch
    std::optional<double> initial_value_threshold = {};  // what the first must be better than
    int keep = 0;                                        // files to keep, the oldest go; 0: all
};
/// Saves the model as save_model does, optimizer and all, or its weights as save_weights does, while training goes on.
/// The path names the epoch (from 1), the batch and what the logs hold: "{epoch:02d}-{val_loss:.2f}.xgrad"; folders are
/// made.
class ModelCheckpoint : public Callback {
public:
    explicit ModelCheckpoint(std::string path, ModelCheckpointOptions options = {});
    void on_train_begin(Fit& fit) override;
    void on_batch_end(Fit& fit) override;
    void on_epoch_end(Fit& fit) override;
    void save(State& state) const override;
    void load(const State& state) override;
    /// The file written last; "" if none.
    const std::string& last_path() const { return last_path_; }

private:
    std::string path_for(const Fit& fit) const;
    void save_now(Fit& fit);

    std::string path_, last_path_;
    ModelCheckpointOptions options_;
    Monitor monitor_;
    std::optional<double> best_;  // stays when fit is called again
    std::int64_t batches_ = 0;
    std::deque<std::string> written_;
};

}  // namespace xg
