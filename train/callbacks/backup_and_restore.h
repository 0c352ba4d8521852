#pragma once
#include "../callback.h"

namespace xg {

namespace detail {
class Signals;
}

struct BackupAndRestoreOptions {
    int save_freq = 0;              // batches between two saves; 0: at the end of each epoch
    int keep = 2;                   // checkpoints: if the newest is damaged, the one before is taken
    bool delete_checkpoint = true;  // when training has ended as planned
};
/// Keeps all that a run needs in `folder`, and goes on from there when the same program runs again: the weights then
/// are, to the bit, those of a run that was never interrupted. SIGINT and SIGTERM finish the batch, save, say so, and
/// only then end the program (or, where it has a handler of its own, throw Interrupted). Throws FileError if another
/// run writes to the folder.
class BackupAndRestore : public Callback {
public:
    explicit BackupAndRestore(std::string folder, BackupAndRestoreOptions options = {});
    void on_train_begin(Fit& fit) override;
    void on_batch_end(Fit& fit) override;
    void on_epoch_end(Fit& fit) override;
    void on_train_end(Fit& fit) override;
    void save(State& state) const override;
    void load(const State& state) override;
    bool last() const override { return true; }

private:
    void find_newest(Fit& fit);
    void write(Fit& fit, int next_epoch, std::int64_t next_batch);
    int caught() const;
    void obey_signal(const Fit& fit);

    std::string folder_;
    BackupAndRestoreOptions options_;
    std::int64_t number_ = 0, batches_ = 0;
    std::weak_ptr<detail::Signals> signals_;
};

/// fit was told to end by a signal, and has saved what it needs to go on.
struct Interrupted : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace xg
