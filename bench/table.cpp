// Each case beside its bound, in turns, so that what disturbs one disturbs the other.
#include <fmt/core.h>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include "../tensor/json.h"
#include "../tensor/parallel.h"
#include "../tensor/random.h"
#include "harness.h"
#include "machine.h"

namespace bench {

namespace {
struct Speed {
    double peak, l2, l3, memory;  // GFLOP/s, GB/s of one core
    /// Of the smallest level of the memory that holds that much.
    double bandwidth(double bytes) const { return bytes < 1.5e6 ? l2 : bytes < 32e6 ? l3 : memory; }
};
/// "12.3" with three digits.
std::string number(double x) { return fmt::format("{:#.3g}", x); }
std::string executable() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

/// W11: this program started anew, up to its first finished step.
void startup_rows(const Options& o) {
    for (const char* workload : {"W1", "W3"}) {
        std::vector<double> seconds, memory;
        for (int i = 0; i < 7; ++i) {
            std::FILE* child = popen(
                fmt::format("{} --startup --threads {} --workloads {}", executable(), o.threads, workload).c_str(),
                "r");
            std::array<char, 512> line{};
            if (child && std::fgets(line.data(), line.size(), child)) {
                const auto told = xg::Json::parse(line.data());
                seconds.push_back(told.at("cpu").number()), memory.push_back(told.at("rss").number());
            }
            if (child) pclose(child);
        }
        if (seconds.empty()) continue;
        fmt::print("| W11 | {}_first_step | {} s, {:.0f} MB | | | | | |\n", workload, number(quantile(seconds, 0.5)),
                   quantile(memory, 0.5));
    }
}

/// What a fresh start and three steps with so many threads leave.
std::uint64_t bits(const Case& c, int threads) {
    xg::set_num_threads(threads);
    xg::set_seed(1);
    const Work work = c.make();
    work.run(c.epochs ? 1 : 3);
    return std::bit_cast<std::uint64_t>(work.check());
}

void row(const Case& c, const Options& o, const Speed& speed) {
    const std::string name = c.mode.empty() ? c.metric : c.metric + " (" + c.mode + ")";
    try {
        xg::set_num_threads(o.threads);
        Timed ours(c.make, c.epochs);
        std::unique_ptr<Timed> other;
        const auto& compared = o.threads > 1 ? c.make : c.bound;
        if (compared) xg::set_num_threads(1), other = std::make_unique<Timed>(compared, c.epochs);
        std::vector<Sample> mine, theirs;
        std::vector<double> ratios;
        for (int i = 0; i < (c.epochs ? c.epochs : 2 * o.slices); ++i) {
            xg::set_num_threads(o.threads);
            const auto a = ours.slice(o.slice_s / 2);
            mine.insert(mine.end(), a.begin(), a.end());
            if (!other) continue;
            xg::set_num_threads(1);
            const auto b = other->slice(o.slice_s / 2);
            theirs.insert(theirs.end(), b.begin(), b.end());
            ratios.push_back(quantile(times(a, o.threads), 0.5) / quantile(times(b, 1), 0.5));
        }
        xg::set_num_threads(o.threads);
        const auto scaled = [&](double seconds) { return number(seconds / c.per / seconds_in(c.unit)); };
        // Several threads wait for each other, so whatever else runs on any core delays them all: the least disturbed
        // counts.
        const double which = o.threads > 1 ? 0 : 0.5;
        const double time = quantile(times(mine, o.threads), which);
        std::string bound = "-", ratio = "-", efficiency = "-", note;
        if (other) {
            const double beside = quantile(times(theirs, 1), which);
            bound = scaled(beside);
            ratio = fmt::format("{:.2f}", o.threads > 1 ? time / beside : quantile(ratios, 0.5));
        }
        if (c.flops > 0)
            efficiency = fmt::format("{:.0f} GFLOP/s, {:.0f} %", c.flops / time / 1e9,
                                     c.flops / time / 1e7 / speed.peak / o.threads);
        else if (c.bytes > 0)
            efficiency = fmt::format("{:.0f} GB/s, {:.0f} %", c.bytes / time / 1e9,
                                     c.bytes / time / 1e7 / speed.bandwidth(c.bytes));
        if (c.difference && o.threads == 1) {
            const double off = c.difference();
            note = fmt::format("{:.0e}", off);
            if (!(off <= c.tolerance)) note += " (!)";
        }
        if (o.threads > 1 && ours.has_check())
            note = bits(c, 1) == bits(c, o.threads) ? "the same bits" : "other bits (!)";
        if (c.epochs) note += fmt::format("{}accuracy {:.3f}", note.empty() ? "" : ", ", ours.check());
        fmt::print("| {} | {} | {} {} | {} | {} | {} | {:.3f} | {} |\n", c.workload, name, scaled(time), c.unit, bound,
                   ratio, efficiency, ours.setup_s(), note);
    } catch (const std::exception& e) {
        fmt::print("| {} | {} | failed: {} | | | | | |\n", c.workload, name, e.what());
    }
    std::fflush(stdout);
}
}  // namespace

int table(const Options& o) {
    const Speed speed{peak_gflops(), bandwidth(1'000'000), bandwidth(16'000'000), bandwidth(160'000'000)};
    fmt::print("{}; {} thread{}\n", machine(), o.threads, o.threads > 1 ? "s" : "");
    fmt::print("measured on one core: {:.0f} GFLOP/s, {:.0f} GB/s within 1 MB, {:.0f} within 16 MB, {:.0f} beyond\n\n",
               speed.peak, speed.l2, speed.l3, speed.memory);
    fmt::print("| workload | metric | time | {} | ratio | rate, share of the machine's | set-up s | {} |\n",
               o.threads > 1 ? "one thread" : "by hand", o.threads > 1 ? "results" : "difference");
    fmt::print("|---|---|---:|---:|---:|---:|---:|---|\n");
    for (const Case& c : cases())
        if (o.wants(c)) row(c, o, speed);
    if (o.wants({.workload = "W11"})) startup_rows(o);
    return 0;
}

}  // namespace bench
