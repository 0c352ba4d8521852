#include "csv_logger.h"
#include "../../io/state.h"

namespace xg {

void CSVLogger::on_train_begin(Fit&) {
    columns_.clear();
    file_.begin(options_.append);
    read_header();
}
void CSVLogger::load(const State& state) {
    file_.load(state);
    read_header();
}
/// Of a file that is to be continued.
void CSVLogger::read_header() {
    columns_.clear();
    if (file_.empty()) return;
    std::string line = file_.first_line();
    for (std::size_t from = 0, to = 0; to != std::string::npos; from = to + 1) {
        to = line.find(options_.separator, from);
        columns_.push_back(line.substr(from, to == std::string::npos ? to : to - from));
    }
    columns_.erase(columns_.begin());  // "epoch"
}
void CSVLogger::on_epoch_end(Fit& fit) {
    std::string text;
    if (columns_.empty()) {
        for (auto& [name, value] : fit.logs) columns_.push_back(name);
        for (auto& name : fit.names)
            if (!fit.logs.contains(name)) columns_.push_back(name);
        text = "epoch";
        for (auto& name : columns_) text += options_.separator + name;
        text += "\n";
    }
    text += std::to_string(fit.epoch);
    for (auto& name : columns_)
        text += fit.logs.contains(name) ? fmt::format("{}{:.17g}", options_.separator, fit.logs[name])
                                        : fmt::format("{}NA", options_.separator);
    file_.write(text + "\n");
}

}  // namespace xg
