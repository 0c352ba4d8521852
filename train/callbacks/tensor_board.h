#pragma once
#include "../callback.h"

namespace xg {

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
