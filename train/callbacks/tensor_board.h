#pragma once
#include "../../tensor/tensor.h"
#include "../callback.h"

namespace xg {

class SummaryWriter;

struct TensorBoardOptions {
    int histogram_freq = 0;               // epochs between two histograms of weights and of gradients; 0: none
    bool write_graph = true;              // the operations of the model, by layers
    bool write_images = false;            // with the histograms: kernels as pictures
    bool write_steps_per_second = false;  // epoch_steps_per_second
    int update_freq = 0;                  // batches between two batch_loss, batch_<metric>; 0: none
    std::int64_t profile_first = 0, profile_last = 0;   // the batches, from 1, of which profile.json tells the times
    int embeddings_freq = 0;                            // epochs between two looks of the projector; 0: none
    std::vector<std::string> embeddings_metadata = {};  // a label for each row of the embedding
};
/// Event files for TensorBoard in the runs train and validation below `folder`, tagged as Keras tags them: epoch_loss,
/// epoch_<metric>, epoch_learning_rate, evaluation_<metric>_vs_iterations, <parameter>/histogram. A resumed run cuts
/// off what was written after its checkpoint.
class TensorBoard : public Callback {
public:
    explicit TensorBoard(std::string folder = "logs", TensorBoardOptions options = {});
    void on_train_begin(Fit& fit) override;
    void on_epoch_begin(Fit& fit) override;
    void on_batch_begin(Fit& fit) override;
    void on_batch_end(Fit& fit) override;
    void on_epoch_end(Fit& fit) override;
    void on_train_end(Fit& fit) override;
    void save(State& state) const override;
    void load(const State& state) override;

private:
    struct Span {
        std::string name;
        double begin, end;  // seconds
    };
    bool due(int every, const Fit& fit) const { return every > 0 && fit.epoch % every == 0; }
    void watch_gradients(Fit& fit);
    void write_weights(Fit& fit);
    void write_profile() const;

    std::string folder_;
    TensorBoardOptions options_;
    std::shared_ptr<SummaryWriter> train_, validation_;
    std::vector<std::shared_ptr<void>> gradient_hooks_;
    std::int64_t batches_ = 0;  // of the whole run
    double epoch_began_ = 0, batch_began_ = 0, batch_ended_ = 0;
    std::int64_t first_batch_ = 0;
    bool graph_due_ = false;
    std::vector<Span> spans_;
};

}  // namespace xg
