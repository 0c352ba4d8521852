// One JSON line a case, and the protocol by which a runner gives several programs their turns.
#include <fmt/core.h>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include "../tensor/json.h"
#include "harness.h"

namespace bench {
using xg::Json;

namespace {
void wait_for_turn(const Options& o) {
    if (!o.gate) return;
    std::puts("?");
    std::fflush(stdout);
    std::string line;
    std::getline(std::cin, line);
}
Json row(const Case& c, const Options& o) {
    return {{"peer", "xgrad"},        {"version", "0.1"},   {"mode", c.mode + o.tag}, {"threads", o.threads},
            {"workload", c.workload}, {"metric", c.metric}, {"unit", c.unit}};
}
void print(const Json& line) {
    fmt::print("{}\n", line.dump());
    std::fflush(stdout);
}
double rounded(double x) { return std::stod(fmt::format("{:.6g}", x)); }

struct Live {
    const Case* test;
    Timed timed;
    std::vector<Sample> samples = {};
};
void report(const Live& l, const Options& o) {
    const Case& c = *l.test;
    std::vector<double> wall, cpu;
    double walls = 0, cpus = 0;
    for (const Sample& s : l.samples) wall.push_back(s.wall), cpu.push_back(s.cpu), walls += s.wall, cpus += s.cpu;
    const auto scaled = [&](double seconds) { return rounded(seconds / c.per / seconds_in(c.unit)); };
    auto line = row(c, o);
    line["median"] = scaled(quantile(wall, 0.5)), line["p10"] = scaled(quantile(wall, 0.1));
    line["p90"] = scaled(quantile(wall, 0.9)), line["min"] = scaled(quantile(wall, 0));
    line["n"] = wall.size(), line["setup_s"] = rounded(l.timed.setup_s());
    line["cpu"] = rounded(cpus / walls), line["cpu_median"] = scaled(quantile(cpu, 0.5));
    if (const double work = c.flops > 0 ? c.flops : c.bytes; work > 0) {
        line["rate"] = rounded(work / quantile(o.threads == 1 ? cpu : wall, 0.5) / 1e9);
        line["rate_unit"] = c.flops > 0 ? "GFLOP/s" : "GB/s";
    }
    if (c.epochs) {
        line["accuracy"] = rounded(l.timed.check());
    } else if (l.timed.has_check()) {
        const double last = l.timed.check();
        line["loss_first"] = rounded(l.timed.first_check()), line["loss_last"] = rounded(last);
        if (!(last < l.timed.first_check())) line["warning"] = "loss did not fall";
    }
    print(line);
}
double peak_resident_mb() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    return 0;
}
}  // namespace

int lines(const Options& o) {
    std::vector<std::unique_ptr<Live>> live;
    for (const Case& c : cases()) {
        if (!o.wants(c)) continue;
        wait_for_turn(o);
        try {
            live.push_back(std::make_unique<Live>(Live{&c, Timed(c.make, c.epochs)}));
        } catch (const std::exception& e) {
            auto line = row(c, o);
            line["error"] = e.what();
            print(line);
        }
    }
    for (int i = 0; i < o.slices; ++i)
        for (auto& l : live) {
            if (l->test->epochs && i >= l->test->epochs) continue;
            wait_for_turn(o);
            for (const Sample& s : l->timed.slice(o.slice_s)) l->samples.push_back(s);
        }
    wait_for_turn(o);
    for (auto& l : live) report(*l, o);
    return 0;
}

int startup(const Options& o) {
    for (const Case& c : cases()) {
        if (!o.wants(c)) continue;
        c.make().run(1);
        print({{"startup", true},
               {"rss", rounded(peak_resident_mb())},
               {"cpu", double(std::clock()) / CLOCKS_PER_SEC},
               {"mode", c.mode},
               {"peer", "xgrad"},
               {"version", "0.1"}});
        break;
    }
    return 0;
}

}  // namespace bench
