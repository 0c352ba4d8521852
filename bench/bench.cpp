// The benchmark: `./dev bench` for the table, `./dev run bench --workloads W1,W3` for lines another program reads.
#include <fmt/core.h>
#include <exception>
#include "../tensor/modes.h"
#include "../tensor/parallel.h"
#include "harness.h"

int main(int argc, char** argv) try {
    const bench::Options options(argc, argv);
    xg::set_num_threads(options.threads);
    const xg::FlushDenormals as_in_training;
    return options.startup ? bench::startup(options) : options.lines ? bench::lines(options) : bench::table(options);
} catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
}
