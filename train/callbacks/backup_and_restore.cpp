#include "backup_and_restore.h"
#include <charconv>
#include <filesystem>
#include <map>
#include "../../io/folder_lock.h"
#include "../../io/state.h"
#include "../model.h"
#include "../signals.h"

namespace xg {

namespace {
namespace fs = std::filesystem;
constexpr std::string_view prefix = "backup-", suffix = ".safetensors";

std::string file_name(std::int64_t number) { return fmt::format("{}{:012}{}", prefix, number, suffix); }
/// The checkpoints in a folder by number; whatever else lies there is not ours.
std::map<std::int64_t, fs::path> checkpoints(const fs::path& folder) {
    std::map<std::int64_t, fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename();
        std::int64_t number = 0;
        if (name.size() < prefix.size() + suffix.size()) continue;
        const char* digits = name.data() + prefix.size();
        if (std::from_chars(digits, name.data() + name.size() - suffix.size(), number).ec == std::errc() &&
            name == file_name(number))
            found.emplace(number, entry.path());
    }
    return found;
}
/// What a run left that was killed while it wrote.
void remove_temporaries(const fs::path& folder) {
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename();
        if (name.starts_with(prefix) && name.find(".tmp.") != std::string::npos) fs::remove(entry.path());
    }
}
}  // namespace

BackupAndRestore::BackupAndRestore(std::string folder, BackupAndRestoreOptions options)
    : folder_(std::move(folder)), options_(options) {
    require<std::invalid_argument>(options.save_freq >= 0, "BackupAndRestore: expected save_freq >= 0, got {}",
                                   options.save_freq);
    require<std::invalid_argument>(options.keep >= 1, "BackupAndRestore: expected keep >= 1, got {}", options.keep);
}

void BackupAndRestore::on_train_begin(Fit& fit) {
    std::error_code failed;
    fs::create_directories(folder_, failed);
    if (failed)
        throw FileError(fmt::format("BackupAndRestore: expected a folder, got \"{}\"", failed.message()), folder_);
    fit.keep.push_back(std::make_shared<FolderLock>(folder_, "BackupAndRestore"));
    batches_ = 0;
    remove_temporaries(folder_);
    find_newest(fit);
    const auto signals = std::make_shared<detail::Signals>();
    fit.keep.push_back(signals);
    signals_ = signals;
}
void BackupAndRestore::find_newest(Fit& fit) {
    const auto found = checkpoints(folder_);
    number_ = found.empty() ? 0 : found.rbegin()->first;
    for (auto at = found.rbegin(); at != found.rend(); ++at) {
        try {
            fit.resume = std::make_shared<State>(load_state(at->second));
            fit.epoch = int(fit.resume->integer("fit.epoch"));
            fit.batch = fit.resume->integer("fit.batch");
            return;
        } catch (const FileError& e) {
            fmt::print(stderr, "BackupAndRestore: {}; set aside, the checkpoint before it is taken\n", e.what());
            fs::rename(at->second, at->second.string() + ".damaged");
        }
    }
    if (!found.empty())
        throw FileError(
            "BackupAndRestore: expected a checkpoint, got damaged ones only; empty the folder to begin anew", folder_);
}

void BackupAndRestore::write(Fit& fit, int next_epoch, std::int64_t next_batch) {
    save_state((fs::path(folder_) / file_name(++number_)).string(), fit.state(next_epoch, next_batch));
    auto present = checkpoints(folder_);
    for (; present.size() > std::size_t(options_.keep); present.erase(present.begin()))
        fs::remove(present.begin()->second);
}
void BackupAndRestore::on_batch_end(Fit& fit) {
    ++batches_;
    const bool due = options_.save_freq && batches_ % options_.save_freq == 0;
    if (due || caught()) write(fit, fit.epoch, fit.batch + 1);
    obey_signal(fit);
}
void BackupAndRestore::on_epoch_end(Fit& fit) {
    write(fit, fit.epoch + 1, 0);
    obey_signal(fit);
}
int BackupAndRestore::caught() const {
    const auto signals = signals_.lock();
    return signals ? signals->caught() : 0;
}
void BackupAndRestore::obey_signal(const Fit& fit) {
    const int signal = caught();
    if (!signal) return;
    const std::string message =
        fmt::format("fit: {} in epoch {} of {}; all is saved in {}: the same program goes on from there when run again",
                    signal == SIGINT ? "interrupted" : "told to end", fit.epoch + 1, fit.epochs, folder_);
    fmt::print(stderr, "\n{}\n", message);
    std::fflush(nullptr);
    if (const auto signals = signals_.lock()) signals->hand_on(signal);
    throw Interrupted(message);
}
void BackupAndRestore::on_train_end(Fit&) {
    if (!options_.delete_checkpoint) return;
    for (auto& [number, path] : checkpoints(folder_)) fs::remove(path);
    std::error_code not_empty;
    fs::remove(fs::path(folder_) / FolderLock::file_name, not_empty);
    fs::remove(folder_, not_empty);
}
void BackupAndRestore::save(State& state) const { state.set("batches", batches_); }
void BackupAndRestore::load(const State& state) { batches_ = state.integer("batches"); }

}  // namespace xg
