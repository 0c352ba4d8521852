#pragma once
#include <string>
#include "../tensor/tensor.h"

namespace xg {

/// What the graph of y keeps for the backward pass: a line for every operation that keeps something, the most bytes
/// first, and the sum. A value that several keep counts once. What a rule holds as a plain Tensor, not as Saved, is not
/// seen.
std::string saved_report(const Tensor& y);
/// Prints it.
void print_saved(const Tensor& y);
/// The graph of y in Graphviz' language, with shapes and kept bytes: `dot -Tsvg`. Beyond `most` operations, the newest
/// ones and a count of the others.
std::string to_dot(const Tensor& y, std::size_t most = 500);

}  // namespace xg
