#pragma once
#include <cstddef>
#include <string>

namespace bench {

/// Multiply-adds and additions a second that one core reaches now, in GFLOP/s of float32: the clock moves, so measured.
double peak_gflops();
/// GB/s of a loop that reads one array and writes another, both together `bytes` long, on one core.
double bandwidth(std::size_t bytes);
/// Processor, instruction set, compiler, versions of the libraries: what a report must name.
std::string machine();

}  // namespace bench
