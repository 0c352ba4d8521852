#pragma once
#include "../callback.h"
#include "line_file.h"

namespace xg {

struct JSONLoggerOptions {
    bool append = false;
};
/// A line of JSON an epoch: {"epoch":0,"loss":0.5}, epochs counted from 0; null for NaN and infinity.
class JSONLogger : public Callback {
public:
    explicit JSONLogger(std::string path, JSONLoggerOptions options = {})
        : file_("JSONLogger", std::move(path)), options_(options) {}
    void on_train_begin(Fit&) override { file_.begin(options_.append); }
    void on_epoch_end(Fit& fit) override;
    void on_train_end(Fit&) override { file_.close(); }
    void save(State& state) const override { file_.save(state); }
    void load(const State& state) override { file_.load(state); }

private:
    LineFile file_;
    JSONLoggerOptions options_;
};

}  // namespace xg
