#pragma once
#include "../callback.h"
#include "line_file.h"

namespace xg {

struct CSVLoggerOptions {
    char separator = ',';
    bool append = false;
};
/// A line an epoch in a CSV file, epochs counted from 0; "NA" for what an epoch has not measured.
class CSVLogger : public Callback {
public:
    explicit CSVLogger(std::string path, CSVLoggerOptions options = {})
        : file_("CSVLogger", std::move(path)), options_(options) {}
    void on_train_begin(Fit& fit) override;
    void on_epoch_end(Fit& fit) override;
    void on_train_end(Fit&) override { file_.close(); }
    void save(State& state) const override { file_.save(state); }
    void load(const State& state) override;

private:
    void read_header();
    LineFile file_;
    CSVLoggerOptions options_;
    std::vector<std::string> columns_;  // once there are any
};

}  // namespace xg
