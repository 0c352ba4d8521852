#include "tensor_board.h"
#include <filesystem>
#include "../../autograd/hook.h"
#include "../../io/bytes.h"
#include "../../io/clock.h"
#include "../../io/event_file.h"
#include "../../io/state.h"
#include "../../tensor/random.h"
#include "../model.h"
#include "../pictures.h"
#include "../summary_writer.h"

namespace xg {

namespace {
std::string with_slashes(std::string name) {
    for (char& c : name)
        if (c == '.') c = '/';
    return name;
}
}  // namespace

TensorBoard::TensorBoard(std::string folder, TensorBoardOptions options)
    : folder_(std::move(folder)), options_(std::move(options)) {
    const auto& o = options_;
    require<std::invalid_argument>(o.histogram_freq >= 0 && o.update_freq >= 0 && o.embeddings_freq >= 0,
                                   "TensorBoard: expected frequencies of at least 0, got {}, {} and {}",
                                   o.histogram_freq, o.update_freq, o.embeddings_freq);
    require<std::invalid_argument>(0 <= o.profile_first && o.profile_first <= o.profile_last,
                                   "TensorBoard: expected 0 <= profile_first <= profile_last, got {} and {}",
                                   o.profile_first, o.profile_last);
}
void TensorBoard::on_train_begin(Fit&) {
    train_ = std::make_shared<SummaryWriter>(folder_ + "/train");
    validation_.reset();
    spans_.clear();
    batches_ = 0;
    graph_due_ = options_.write_graph;
}
void TensorBoard::on_epoch_begin(Fit& fit) { epoch_began_ = detail::now(), first_batch_ = fit.batch; }

void TensorBoard::on_batch_begin(Fit& fit) {
    if (std::exchange(graph_due_, false) && fit.data) {
        const RandomKey random = random_state();
        try {
            train_->graph(fit.model.module(), detail::rows(fit.data->xs, 0, 1));
        } catch (const std::exception& e) {
            fmt::print(stderr, "TensorBoard: expected a graph of the model to write, got \"{}\"\n", e.what());
        }
        set_random_state(random);
    }
    if (fit.batch == 0 && due(options_.histogram_freq, fit)) watch_gradients(fit);
    if (options_.profile_last > 0) batch_began_ = detail::now();
}
/// Of the first batch of an epoch.
void TensorBoard::watch_gradients(Fit& fit) {
    for (auto& [name, parameter] : fit.model.named_parameters())
        if (parameter.requires_grad())
            gradient_hooks_.push_back(std::make_shared<Hook>(on_gradient(
                parameter, [this, epoch = fit.epoch, tag = with_slashes(name) + "/gradient"](const Tensor& g) {
                    train_->histogram(tag, g, epoch);
                    return Tensor();
                })));
}
void TensorBoard::on_batch_end(Fit& fit) {
    gradient_hooks_.clear();
    const auto batch = ++batches_;
    if (options_.update_freq && batch % options_.update_freq == 0) {
        for (auto& [name, value] : fit.logs) train_->scalar("batch_" + name, value, batch - 1);
    }
    if (options_.profile_first == 0 || batch < options_.profile_first || batch > options_.profile_last) return;
    const double ended = detail::now();
    if (batch > options_.profile_first) spans_.push_back({"data and callbacks", batch_ended_, batch_began_});
    spans_.push_back({fmt::format("batch {}", batch), batch_began_, ended});
    batch_ended_ = ended;
    if (batch == options_.profile_last) write_profile();
}
/// In the format that chrome://tracing and Perfetto read.
void TensorBoard::write_profile() const {
    std::string text = "[";
    for (auto& s : spans_)
        text += fmt::format(
            "{}\n{{\"name\": \"{}\", \"ph\": \"X\", \"pid\": 1, \"tid\": 1, \"ts\": {:.3f}, \"dur\": {:.3f}}}",
            text.size() > 1 ? "," : "", s.name, 1e6 * (s.begin - spans_[0].begin), 1e6 * (s.end - s.begin));
    write_file(folder_ + "/profile.json", text + "\n]\n");
    double step = 0, between = 0;
    for (auto& s : spans_) (s.name[0] == 'b' ? step : between) += s.end - s.begin;
    const double n = double(options_.profile_last - options_.profile_first + 1);
    train_->text("profile",
                 fmt::format("| per batch | ms |\n|---|---|\n| step | {:.3f} |\n| data and callbacks | {:.3f} |\n\n"
                             "Batches {} to {}, one by one in `profile.json`: open it in `chrome://tracing`.",
                             1e3 * step / n, 1e3 * between / n, options_.profile_first, options_.profile_last),
                 options_.profile_last);
}

void TensorBoard::on_epoch_end(Fit& fit) {
    for (auto& [name, value] : fit.logs) {
        if (!name.starts_with("val_")) {
            train_->scalar("epoch_" + name, value, fit.epoch);
            continue;
        }
        if (!validation_) validation_ = std::make_shared<SummaryWriter>(folder_ + "/validation");
        validation_->scalar("epoch_" + name.substr(4), value, fit.epoch);
        validation_->scalar("evaluation_" + name.substr(4) + "_vs_iterations", value, fit.model.optimizer().steps());
    }
    if (!fit.logs.contains("learning_rate"))
        train_->scalar("epoch_learning_rate", fit.model.optimizer().learning_rate(), fit.epoch);
    if (options_.write_steps_per_second)
        train_->scalar("epoch_steps_per_second", double(fit.batch - first_batch_) / (detail::now() - epoch_began_),
                       fit.epoch);
    write_weights(fit);
}
void TensorBoard::write_weights(Fit& fit) {
    if (due(options_.histogram_freq, fit))
        for (auto& [name, parameter] : fit.model.named_parameters()) {
            train_->histogram(with_slashes(name) + "/histogram", parameter, fit.epoch);
            if (!options_.write_images || parameter.numel() == 0) continue;
            if (parameter.rank() == 4) train_->image(with_slashes(name) + "/image", filter_grid(parameter), fit.epoch);
            if (parameter.rank() == 2) {
                const Shape& s = parameter.shape();
                const Tensor kernel = parameter.detach().window({s[0], s[1], 1, 1}, 0);
                train_->image(with_slashes(name) + "/image", filter_grid(kernel), fit.epoch);
            }
        }
    if (due(options_.embeddings_freq, fit))
        for (auto& [name, parameter] : fit.model.named_parameters())
            if (name.ends_with("embeddings") && parameter.rank() == 2)
                train_->embedding(with_slashes(name), parameter,
                                  std::int64_t(options_.embeddings_metadata.size()) == parameter.shape()[0]
                                      ? options_.embeddings_metadata
                                      : std::vector<std::string>());
}
void TensorBoard::on_train_end(Fit&) { train_.reset(), validation_.reset(); }

void TensorBoard::save(State& state) const {
    state.set("batches", batches_);
    for (auto& [run, writer] : {std::pair("train", train_), std::pair("validation", validation_)}) {
        if (!writer) continue;
        writer->flush();
        state.set(std::string(run) + ".file", writer->file().path());
        state.set(std::string(run) + ".bytes", writer->file().size());
    }
}
/// What was written after the checkpoint will be written again, to a new file: TensorBoard is done with the old one.
void TensorBoard::load(const State& state) {
    batches_ = state.integer("batches");
    graph_due_ = options_.write_graph && batches_ == 0;
    for (const std::string run : {"train", "validation"}) {
        std::error_code gone;
        if (!state.contains(run + ".file")) continue;
        const std::string& path = state.text(run + ".file");
        const auto bytes = std::uintmax_t(state.integer(run + ".bytes"));
        if (const auto size = std::filesystem::file_size(path, gone); !gone && size > bytes)
            std::filesystem::resize_file(path, bytes, gone);
    }
}

}  // namespace xg
