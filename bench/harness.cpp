#include "harness.h"
#include <fmt/core.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <stdexcept>

namespace bench {

std::vector<Case>& cases() {
    static std::vector<Case> all;
    return all;
}

Options::Options(int argc, char** argv) {
    const auto value = [&](int& i) -> std::string {
        if (i + 1 == argc) throw std::invalid_argument(fmt::format("bench: expected a value after {}", argv[i]));
        return argv[++i];
    };
    for (int i = 1; i < argc; ++i) {
        const std::string a = argv[i];
        if (a == "--workloads") {
            lines = true;
            const std::string list = value(i) + ",";
            for (std::size_t from = 0, to; (to = list.find(',', from)) != list.npos; from = to + 1)
                if (to > from) workloads.push_back(list.substr(from, to - from));
        } else if (a == "--table") {  // of the workloads named before
            lines = false;
        } else if (a == "--threads") threads = std::stoi(value(i));
        else if (a == "--slices") slices = std::stoi(value(i));
        else if (a == "--slice-s") slice_s = std::stod(value(i));
        else if (a == "--modes") modes = value(i);
        else if (a == "--tag") tag = value(i);
        else if (a == "--gate") gate = true;
        else if (a == "--startup") startup = true;
        else
            throw std::invalid_argument(
                fmt::format("bench: expected --workloads W1,... [--table] --threads N --slices N --slice-s S --modes "
                            "TEXT --tag TEXT --gate --startup, got {}",
                            a));
    }
}
bool Options::wants(const Case& c) const {
    return (workloads.empty() || std::ranges::find(workloads, c.workload) != workloads.end()) &&
           c.mode.find(modes) != c.mode.npos;
}

namespace {
double wall_clock() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
double processor_clock() { return double(std::clock()) / CLOCKS_PER_SEC; }
}  // namespace

Timed::Timed(const std::function<Work()>& make, int epochs) : epochs_(epochs) {
    const double began = wall_clock();
    work_ = make();
    if (work_.check && !epochs) first_check_ = work_.check();
    work_.run(1);
    setup_s_ = wall_clock() - began;
    if (epochs) return;
    work_.run(2);
    double took = 0;
    int steps = 1;
    while ((took = block(steps).wall * steps) < 0.01 && steps < 1 << 20) steps *= 4;
    steps_ = std::max(1, int(steps * 0.02 / took));
}
Sample Timed::block(int steps) {
    const double wall = wall_clock(), cpu = processor_clock();
    work_.run(steps);
    return {(wall_clock() - wall) / steps, (processor_clock() - cpu) / steps};
}
std::vector<Sample> Timed::slice(double seconds) {
    if (epochs_) return {block(1)};
    work_.run(steps_);  // the caches hold what is ours again
    std::vector<Sample> samples;
    for (int attempt = 0; attempt < 2; ++attempt) {
        samples.clear();
        double wall = 0, cpu = 0;
        for (const double end = wall_clock() + seconds; samples.empty() || wall_clock() < end;) {
            samples.push_back(block(steps_));
            wall += samples.back().wall, cpu += samples.back().cpu;
        }
        if (cpu > 0.93 * wall) break;
    }
    return samples;
}

double quantile(std::vector<double> values, double q) {
    std::ranges::sort(values);
    const double at = q * double(values.size() - 1);
    const auto low = std::size_t(at), high = std::min(low + 1, values.size() - 1);
    return values[low] + (at - double(low)) * (values[high] - values[low]);
}
std::vector<double> times(const std::vector<Sample>& samples, int threads) {
    double wall = 0, cpu = 0;
    for (const Sample& s : samples) wall += s.wall, cpu += s.cpu;
    std::vector<double> list;
    for (const Sample& s : samples) list.push_back(threads == 1 && cpu < 0.9 * wall ? s.cpu : s.wall);
    return list;
}
double seconds_in(const std::string& unit) {
    if (unit == "s") return 1;
    if (unit == "MB") return 1;
    return unit == "ms" ? 1e-3 : unit == "us" ? 1e-6 : 1e-9;
}

}  // namespace bench
