#include "einsum.h"
#include <algorithm>
#include "arithmetic.h"
#include "layout.h"
#include "linear_algebra.h"
#include "reduction.h"

namespace xg {

namespace {
// A label is a letter, or for the axes under "..." the negative place from the right: -1 is the last.
using Labels = std::vector<int>;

struct Operand {
    Tensor x;
    Labels labels;
};
bool contains(const Labels& labels, int label) { return std::ranges::find(labels, label) != labels.end(); }

struct Equation {
    std::vector<std::string> terms;
    std::string result;
    bool explicit_result;
};
[[noreturn]] void refuse(const std::string& equation) {
    fail<std::invalid_argument>("einsum: expected an equation such as \"ij,jk->ik\", got \"{}\"", equation);
}
Equation parse(const std::string& equation) {
    Equation parsed{{""}, "", false};
    for (std::size_t i = 0; i < equation.size(); ++i) {
        const char c = equation[i];
        std::string& term = parsed.explicit_result ? parsed.result : parsed.terms.back();
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) term += c;
        else if (equation.compare(i, 3, "...") == 0 && term.find('.') == term.npos) term += '.', i += 2;
        else if (equation.compare(i, 2, "->") == 0 && !parsed.explicit_result) parsed.explicit_result = true, ++i;
        else if (c == ',' && !parsed.explicit_result) parsed.terms.emplace_back();
        else if (c != ' ') refuse(equation);
    }
    return parsed;
}
Labels labels_of(const std::string& term, int rest) {
    Labels labels;
    for (const char c : term)
        if (c == '.')
            for (int k = rest; k > 0; --k) labels.push_back(-k);
        else labels.push_back(c);
    return labels;
}

Tensor in_order(const Operand& o, const Labels& wanted) {
    if (o.labels == wanted) return o.x;
    int order[max_rank];
    for (std::size_t i = 0; i < wanted.size(); ++i)
        order[i] = int(std::ranges::find(o.labels, wanted[i]) - o.labels.begin());
    return detail::permute(o.x, order);
}
/// An axis for each label, the repeated ones taken along the diagonal.
Operand read(const Tensor& x, Labels labels, const std::string& equation) {
    Operand o{x, std::move(labels)};
    for (std::size_t i = 0; i < o.labels.size(); ++i)
        for (std::size_t j = i + 1; j < o.labels.size();) {
            if (o.labels[i] != o.labels[j]) {
                ++j;
                continue;
            }
            require(o.x.shape()[int(i)] == o.x.shape()[int(j)],
                    "einsum: expected equal extents for '{}' of \"{}\", got {} and {}", char(o.labels[i]), equation,
                    o.x.shape()[int(i)], o.x.shape()[int(j)]);
            const int label = o.labels[i];
            o.x = diagonal(o.x, 0, int(i), int(j));  // which puts it last
            o.labels.erase(o.labels.begin() + std::ptrdiff_t(j));
            o.labels.erase(o.labels.begin() + std::ptrdiff_t(i));
            o.labels.push_back(label);
            j = i + 1;
        }
    return o;
}
/// Sums what is not kept.
void reduce(Operand& o, const Labels& kept) {
    unsigned mask = 0;
    Labels left;
    for (std::size_t i = 0; i < o.labels.size(); ++i)
        if (contains(kept, o.labels[i])) left.push_back(o.labels[i]);
        else mask |= 1u << i;
    if (mask) o.x = sum(o.x, Axes::of(mask));
    o.labels = std::move(left);
}
/// Where one of the two has extent 1 under "...", it broadcasts: its axis goes.
void drop_ones(Operand& o, const Operand& other) {
    for (std::size_t i = o.labels.size(); i-- > 0;) {
        if (o.labels[i] >= 0 || o.x.shape()[int(i)] != 1 || !contains(other.labels, o.labels[i])) continue;
        o.x = squeeze(o.x, int(i));
        o.labels.erase(o.labels.begin() + std::ptrdiff_t(i));
    }
}
std::int64_t extent(const Operand& o, int label) {
    return o.x.shape()[int(std::ranges::find(o.labels, label) - o.labels.begin())];
}
/// The product of two, summed over what is in both and not kept: one matrix product, or none if nothing is summed.
Operand contract(Operand a, Operand b, const Labels& kept, const std::string& equation) {
    drop_ones(a, b);
    drop_ones(b, a);
    Labels a_kept = kept, b_kept = kept;
    a_kept.insert(a_kept.end(), b.labels.begin(), b.labels.end());
    b_kept.insert(b_kept.end(), a.labels.begin(), a.labels.end());
    reduce(a, a_kept);
    reduce(b, b_kept);
    Labels batch, left, right, summed;
    Shape stack, shape;
    std::int64_t rows = 1, columns = 1, inner = 1;
    for (const int label : a.labels) {
        const auto n = extent(a, label);
        if (contains(b.labels, label))
            require(extent(b, label) == n, "einsum: expected equal extents for '{}' of \"{}\", got {} and {}",
                    label < 0 ? '.' : char(label), equation, n, extent(b, label));
        if (!contains(b.labels, label)) left.push_back(label), rows *= n;
        else if (contains(kept, label)) batch.push_back(label), stack.push_back(n);
        else summed.push_back(label), inner *= n;
    }
    for (const int label : b.labels)
        if (!contains(a.labels, label)) right.push_back(label), columns *= extent(b, label);
    const auto joined = [](Labels all, const Labels& more) {
        all.insert(all.end(), more.begin(), more.end());
        return all;
    };
    Operand y{{}, joined(joined(batch, left), right)};
    for (const int label : y.labels) shape.push_back(extent(contains(a.labels, label) ? a : b, label));
    const auto shaped = [&](const Operand& o, const Labels& first, const Labels& second, std::int64_t m,
                            std::int64_t n) {
        Shape s(stack.begin(), stack.end());
        s.push_back(m), s.push_back(n);
        return reshape(in_order(o, joined(joined(batch, first), second)), s);
    };
    if (summed.empty()) y.x = reshape(shaped(a, left, {}, rows, 1) * shaped(b, {}, right, 1, columns), shape);
    else y.x = reshape(matmul(shaped(a, left, summed, rows, inner), shaped(b, summed, right, inner, columns)), shape);
    return y;
}
/// Where no "->" says: what stands under "...", then the letters that occur once.
Labels implied(const std::vector<Operand>& operands, int rest) {
    Labels all, result = labels_of(".", rest);
    for (const Operand& o : operands) all.insert(all.end(), o.labels.begin(), o.labels.end());
    std::ranges::sort(all);
    for (const int label : all)
        if (label >= 0 && std::ranges::count(all, label) == 1) result.push_back(label);
    return result;
}
}  // namespace

Tensor einsum(const std::string& equation, const Tensors& xs) {
    const Equation parsed = parse(equation);
    require<std::invalid_argument>(parsed.terms.size() == xs.size(), "einsum: expected {} operands for \"{}\", got {}",
                                   parsed.terms.size(), equation, xs.size());
    std::vector<Operand> operands;
    int most = 0;
    for (std::size_t i = 0; i < xs.size(); ++i) {
        const std::string& term = parsed.terms[i];
        const bool open = term.find('.') != term.npos;
        const int rest = xs[i].rank() - int(term.size()) + open;
        require(open ? rest >= 0 : rest == 0, "einsum: expected operand {} of \"{}\" with {} {} axes, got {}", i,
                equation, open ? "at least" : "exactly", int(term.size()) - open, xs[i].shape());
        most = std::max(most, open ? rest : 0);
        operands.push_back({xs[i], labels_of(term, open ? rest : 0)});
    }
    const Labels result = parsed.explicit_result ? labels_of(parsed.result, most) : implied(operands, most);
    for (const int label : result) {
        const bool known = std::ranges::any_of(operands, [&](const Operand& o) { return contains(o.labels, label); });
        require<std::invalid_argument>(known && std::ranges::count(result, label) == 1,
                                       "einsum: expected each letter of the result once and in an operand, got \"{}\"",
                                       equation);
    }
    for (Operand& o : operands) o = read(o.x, std::move(o.labels), equation);
    Operand y = operands[0];
    for (std::size_t i = 1; i < operands.size(); ++i) {
        Labels kept = result;
        for (std::size_t k = i + 1; k < operands.size(); ++k)
            kept.insert(kept.end(), operands[k].labels.begin(), operands[k].labels.end());
        y = contract(std::move(y), operands[i], kept, equation);
    }
    reduce(y, result);
    return in_order(y, result);
}

}  // namespace xg
