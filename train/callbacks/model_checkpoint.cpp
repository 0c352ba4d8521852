#include "model_checkpoint.h"
#include <fmt/args.h>
#include <algorithm>
#include <filesystem>
#include "../../io/state.h"
#include "../model.h"

namespace xg {

ModelCheckpoint::ModelCheckpoint(std::string path, ModelCheckpointOptions options)
    : path_(std::move(path)),
      options_(std::move(options)),
      monitor_("ModelCheckpoint", options_.monitor, options_.mode),
      best_(options_.initial_value_threshold) {
    const bool weights = path_.ends_with(".safetensors");
    require<std::invalid_argument>(
        options_.save_weights_only.value_or(weights) == weights,
        "ModelCheckpoint: expected a path that ends with .safetensors if and only if weights "
        "alone are saved, got \"{}\"",
        path_);
    require<std::invalid_argument>(options_.save_freq >= 0 && options_.keep >= 0,
                                   "ModelCheckpoint: expected save_freq >= 0 and keep >= 0, got {} and {}",
                                   options_.save_freq, options_.keep);
}
/// Named fields as in {fmt} and in Python: {epoch:02d}, {batch}, {val_loss:.2f}.
std::string ModelCheckpoint::path_for(const Fit& fit) const {
    fmt::dynamic_format_arg_store<fmt::format_context> values;
    values.push_back(fmt::arg("epoch", fit.epoch + 1));
    values.push_back(fmt::arg("batch", fit.batch + 1));
    std::string known = "epoch, batch";
    for (auto& name : fit.names)
        if (!options_.save_freq || !name.starts_with("val_")) {
            values.push_back(fmt::arg(name.c_str(), fit.logs.contains(name) ? fit.logs[name] : 0.0));
            known += ", " + name;
        }
    try {
        return fmt::vformat(path_, values);
    } catch (const std::runtime_error&) {
        fail<std::invalid_argument>("ModelCheckpoint: expected a path with fields of {}, got \"{}\"", known, path_);
    }
}
void ModelCheckpoint::on_train_begin(Fit& fit) {
    path_for(fit);
    if (!options_.save_best_only) return;
    monitor_.begin(fit);
    require<std::invalid_argument>(!options_.save_freq || !monitor_.name().starts_with("val_"),
                                   "ModelCheckpoint: expected a monitor that each batch has, got \"{}\"",
                                   monitor_.name());
    if (!best_) best_ = monitor_.worst();
}
void ModelCheckpoint::on_batch_end(Fit& fit) {
    if (options_.save_freq && ++batches_ % options_.save_freq == 0) save_now(fit);
}
void ModelCheckpoint::on_epoch_end(Fit& fit) {
    if (!options_.save_freq) save_now(fit);
}
void ModelCheckpoint::save_now(Fit& fit) {
    const std::string path = path_for(fit);
    std::string why;
    if (options_.save_best_only) {
        const double value = monitor_.value(fit);
        if (!monitor_.better(value, *best_)) {
            if (options_.verbose)
                fmt::print("\nEpoch {}: {} did not improve from {:.5f}\n", fit.epoch + 1, monitor_.name(), *best_);
            return;
        }
        why = fmt::format("{} improved from {:.5f} to {:.5f}, ", monitor_.name(), *best_, value);
        best_ = value;
    }
    if (options_.verbose) fmt::print("\nEpoch {}: {}saving model to {}\n", fit.epoch + 1, why, path);
    std::error_code failed;  // then saving says so
    if (const auto folder = std::filesystem::path(path).parent_path(); !folder.empty())
        std::filesystem::create_directories(folder, failed);
    if (path_.ends_with(".safetensors")) save_weights(fit.model, path);
    else save_model(fit.model, path);
    last_path_ = path;
    std::erase(written_, path);
    written_.push_back(path);
    for (; options_.keep && written_.size() > std::size_t(options_.keep); written_.pop_front())
        std::filesystem::remove(written_.front(), failed);
}

void ModelCheckpoint::save(State& state) const {
    if (best_) state.set("best", *best_);
    state.set("batches", batches_);
    state.set("last", last_path_);
    for (std::size_t i = 0; i < written_.size(); ++i) state.set(fmt::format("written.{}", i), written_[i]);
}
void ModelCheckpoint::load(const State& state) {
    if (state.contains("best")) best_ = state.number("best");
    batches_ = state.integer("batches");
    last_path_ = state.text("last");
    written_.clear();
    for (std::string at = "written.0"; state.contains(at); at = fmt::format("written.{}", written_.size()))
        written_.push_back(state.text(at));
}

}  // namespace xg
