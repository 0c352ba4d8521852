#include "tensor_board.h"
#include "../../io/event_file.h"
#include "../model.h"

namespace xg {

void TensorBoard::on_train_begin(Fit&) { train_ = std::make_shared<EventFile>(folder_ + "/train"); }
void TensorBoard::on_epoch_end(Fit& fit) {
    for (auto& [name, value] : fit.logs) {
        if (!name.starts_with("val_")) {
            train_->scalar("epoch_" + name, value, fit.epoch);
            continue;
        }
        if (!validation_) validation_ = std::make_shared<EventFile>(folder_ + "/validation");
        validation_->scalar("epoch_" + name.substr(4), value, fit.epoch);
        validation_->scalar("evaluation_" + name.substr(4) + "_vs_iterations", value, fit.model.optimizer().steps());
    }
    if (!fit.logs.contains("learning_rate"))
        train_->scalar("epoch_learning_rate", fit.model.optimizer().learning_rate(), fit.epoch);
}
void TensorBoard::on_train_end(Fit&) { train_.reset(), validation_.reset(); }

}  // namespace xg
