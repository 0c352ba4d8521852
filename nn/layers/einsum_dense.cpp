#include "einsum_dense.h"
#include <map>
#include "../../autograd/ops/affine.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/einsum.h"
#include "../../autograd/ops/layout.h"
#include "../config.h"
#include "weight_fields.h"

namespace xg {

template <class F> void fields(EinsumDenseOptions& o, F&& field) {
    field("equation", o.equation);
    field("output_shape", o.output_shape);
    field("activation", o.activation);
    field("bias_axes", o.bias_axes);
    kernel_fields(o, field);
    field("activity_regularizer", o.activity_regularizer);
}

namespace {
struct Terms {
    std::string input, kernel, output;
};
Terms split(const std::string& equation) {
    const auto comma = equation.find(','), arrow = equation.find("->");
    require<std::invalid_argument>(comma < arrow && arrow != equation.npos,
                                   "EinsumDense: expected an equation such as \"abc,cd->abd\", got \"{}\"", equation);
    return {equation.substr(0, comma), equation.substr(comma + 1, arrow - comma - 1), equation.substr(arrow + 2)};
}
/// The extent of each letter; "..." stands for as many axes as are left.
void name_axes(const std::string& term, const std::vector<std::optional<std::int64_t>>& extents,
               std::map<char, std::int64_t>& sizes) {
    const auto dots = term.find("...");
    std::string letters = term;
    if (dots != term.npos) letters.erase(dots, 3);
    for (std::size_t i = 0; i < letters.size(); ++i) {
        const auto from_end = letters.size() - i;
        const bool after = dots != term.npos && i >= dots;
        const auto at = after ? extents.size() - from_end : i;
        if (at < extents.size() && extents[at]) sizes.emplace(letters[i], *extents[at]);
    }
}
/// How many axes are summed if the last of x meet the first of the kernel, in order, and its others come last in the
/// output: "...ab,abcd->...cd". Otherwise, or if x does not fit, 0.
int summed_axes(const Terms& terms, const Shape& x, const Shape& kernel) {
    std::size_t summed = 0;
    while (summed < terms.kernel.size() && terms.output.find(terms.kernel[summed]) == std::string::npos) ++summed;
    const std::string free = terms.kernel.substr(summed), contracted = terms.kernel.substr(0, summed);
    if (!terms.input.ends_with(contracted) || !terms.output.ends_with(free)) return 0;
    const std::string rows = terms.input.substr(0, terms.input.size() - summed);
    if (rows != terms.output.substr(0, terms.output.size() - free.size())) return 0;
    const int before = x.rank() - int(summed);
    if (before < 0 || (rows != "..." && before != int(rows.size()))) return 0;
    for (int a = 0; a < int(summed); ++a)
        if (x[before + a] != kernel[a]) return 0;
    return int(summed);
}
/// Draws the kernel as the matrix that it is: rows are the letters summed over, columns those of the output.
struct AsMatrix : Initializer {
    AsMatrix(Box<Initializer> drawn, const Terms& terms) : inner(std::move(drawn)) {
        for (const bool columns : {false, true})
            for (std::size_t i = 0; i < terms.kernel.size(); ++i)
                if ((terms.output.find(terms.kernel[i]) != std::string::npos) == columns) order.push_back(int(i));
        for (const char c : terms.kernel) summed += terms.output.find(c) == std::string::npos;
    }
    Tensor operator()(const Shape& shape, DType dtype) const override {
        Shape ordered;
        std::int64_t rows = 1;
        int back[max_rank];
        for (int i = 0; i < shape.rank(); ++i) {
            const int axis = order[std::size_t(i)];
            ordered.push_back(shape[axis]);
            if (i < summed) rows *= shape[axis];
            back[axis] = i;
        }
        const Tensor matrix = (*inner)({rows, rows ? shape.numel() / rows : 0}, dtype);
        return detail::permute(reshape(matrix, ordered), back);
    }
    Box<Initializer> inner;
    std::vector<int> order;
    int summed = 0;
};
}  // namespace

EinsumDense::EinsumDense(EinsumDenseOptions options) : options_(std::move(options)) {
    split(options_.equation);
    adopt(options_.activation);
}
void EinsumDense::build(const Shape& input) {
    const Terms terms = split(options_.equation);
    std::map<char, std::int64_t> sizes;
    name_axes(terms.input, {input.begin(), input.end()}, sizes);
    // With "..." the output's extents are counted from the end, so the batch axis in front may be missing.
    auto output = options_.output_shape.list;
    output.insert(output.begin(), std::nullopt);
    name_axes(terms.output, output, sizes);
    const auto shape_of = [&](const std::string& letters, const char* what) {
        Shape shape;
        for (const char c : letters) {
            require(sizes.contains(c), "expected an extent for '{}' of the {}, got equation \"{}\"", c, what,
                    options_.equation);
            shape.push_back(sizes.at(c));
        }
        return shape;
    };
    kernel_ = parameter("kernel", shape_of(terms.kernel, "kernel"),
                        Box<Initializer>(AsMatrix(options_.kernel_initializer, terms)), options_.kernel_regularizer,
                        options_.kernel_constraint);
    if (options_.bias_axes.empty()) return;
    // From the first letter with a bias on, those without have extent 1.
    Shape bias;
    for (const char c : terms.output) {
        if (c == '.') continue;
        const bool biased = options_.bias_axes.find(c) != std::string::npos;
        if (biased || bias.rank()) bias.push_back(biased ? shape_of({c}, "bias")[0] : 1);
    }
    if (bias.rank() && terms.output.ends_with("..."))
        for (auto named = std::ssize(terms.input) - 3; named < input.rank(); ++named) bias.push_back(1);
    require(bias.rank() > 0, "expected bias_axes among the output's letters, got \"{}\"", options_.bias_axes);
    bias_ = parameter("bias", bias, options_.bias_initializer, options_.bias_regularizer, options_.bias_constraint);
}
Tensor EinsumDense::forward(const Tensor& x) {
    const Terms terms = split(options_.equation);
    const int summed = summed_axes(terms, x.shape(), kernel_.shape());
    const bool plain_bias = !bias_.defined() || bias_.rank() == kernel_.rank() - summed;
    if (summed > 0 && plain_bias) {  // the rows of x times one matrix
        Shape shape(x.shape().begin(), x.shape().end() - summed);
        std::int64_t rows = 1, features = 1;
        for (const auto extent : shape) rows *= extent;
        for (int a = 0; a < kernel_.rank(); ++a)
            if (a < summed) features *= kernel_.shape()[a];
            else shape.push_back(kernel_.shape()[a]);
        const auto units = features ? kernel_.numel() / features : 0;
        const Tensor bias = bias_.defined() ? reshape(bias_, {units}) : bias_;
        const Tensor y = affine(reshape(x, {rows, features}), reshape(kernel_, {features, units}), bias);
        return finished(reshape(y, shape));
    }
    const Tensor y = einsum(options_.equation, x, kernel_);
    return finished(bias_.defined() ? y + bias_ : y);
}
Tensor EinsumDense::finished(const Tensor& y) {
    return regularized(options_.activation(y), options_.activity_regularizer);
}
void EinsumDense::describe(Config& config) const { write(config, options_); }
EinsumDense EinsumDense::from_config(const Config& config) {
    return EinsumDense(read<EinsumDenseOptions>("EinsumDense", config));
}

}  // namespace xg
