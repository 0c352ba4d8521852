#include <iterator>
#include <sstream>
#include "case.h"

namespace xg::golden {

namespace {
/// (op arg ... :key value ...), as the autodiff family writes expressions.
class Expression {
public:
    Expression(const std::string& text, const Inputs& x) : x_(x) {
        std::string spaced;
        for (char ch : text)
            spaced += ch == '(' || ch == ')' || ch == '[' || ch == ']' ? std::string{' ', ch, ' '}
                      : ch == ','                                      ? " "
                                                                       : std::string{ch};
        std::istringstream in(spaced);
        words_.assign(std::istream_iterator<std::string>(in), {});
    }
    Tensor value() {
        const std::string word = words_.at(at_++);
        if (word != "(") return x_.contains(word) ? x_.at(word) : full({}, std::stod(word), f64);
        const std::string op = words_.at(at_++);
        std::vector<Tensor> a;
        std::map<std::string, std::vector<double>> o;
        while (words_.at(at_) != ")") {
            if (words_[at_][0] != ':') {
                a.push_back(value());
                continue;
            }
            auto& list = o[words_[at_++].substr(1)];
            const bool several = words_.at(at_) == "[";
            if (several) ++at_;
            do
                list.push_back(words_.at(at_) == "true" ? 1
                               : words_[at_] == "false" ? 0
                                                        : std::stod(words_[at_])),
                    ++at_;
            while (several && words_.at(at_) != "]");
            if (several) ++at_;
        }
        ++at_;
        return apply(op, a, o);
    }

private:
    static Tensor apply(const std::string& op, const std::vector<Tensor>& a,
                        std::map<std::string, std::vector<double>>& o) {
        static const std::map<std::string, Tensor (*)(const Tensor&)> ones{
            {"exp", exp},         {"log", log}, {"sqrt", sqrt}, {"tanh", tanh},
            {"sigmoid", sigmoid}, {"sin", sin}, {"cos", cos},   {"abs", abs}};
        static const std::map<std::string, Tensor (*)(const Tensor&, const Tensor&)> twos{
            {"add", operator+ },
             {"sub", operator- }, {"mul", operator* }, {"div", operator/ }, {"pow", pow}, {"gt", operator> } };
        const Axes axes = o.contains("axis") ? Axes(int(o["axis"][0])) : Axes(all);
        const Reduction keep{o.contains("keepdims") && o["keepdims"][0] != 0};
        if (ones.contains(op)) return ones.at(op)(a[0]);
        if (twos.contains(op)) return twos.at(op)(a[0], a[1]);
        if (op == "neg") return -a[0];
        if (op == "clip") return clip(a[0], o["lo"][0], o["hi"][0]);
        if (op == "where") return where(a[0], a[1], a[2]);
        if (op == "matmul") return matmul(a[0], a[1]);
        if (op == "transpose") return transpose(a[0]);
        if (op == "reshape") return reshape(a[0], Shape(o["shape"].begin(), o["shape"].end()));
        if (op == "concat") return concatenate(a, int(o["axis"][0]));
        if (op == "slice") {
            std::vector<Index> i(std::size_t(a[0].rank()), Index(all));
            i[std::size_t(o["axis"][0])] = Slice(std::int64_t(o["start"][0]), std::int64_t(o["stop"][0]));
            return xg::detail::index(a[0], i);
        }
        if (op == "sum") return sum(a[0], axes, keep);
        if (op == "mean") return mean(a[0], axes, keep);
        if (op == "max") return max(a[0], axes, keep);
        if (op == "logsumexp") return logsumexp(a[0], axes, keep);
        if (op == "softmax") return softmax(a[0], int(o["axis"][0]));
        throw Skip{op};
    }
    std::vector<std::string> words_;
    std::size_t at_ = 0;
    const Inputs& x_;
};
}  // namespace

void autodiff(const Json& c, Comparison& compare) {
    differentiate(c, compare,
                  [&](Inputs& x) { return std::vector{Expression(c.at("expression").string(), x).value()}; });
    if (!compare.ok() || !c.contains("hessian")) return;
    Inputs x;
    std::vector<Tensor> leaves;
    for (auto& [name, value] : c.at("inputs").items()) leaves.push_back(x[name] = read_tensor(value).require_grad());
    const Tensor y = Expression(c.at("expression").string(), x).value();
    const auto slopes =
        grad(sum(y * read_tensor(c.at("cotangents").at("y"))), leaves, {.create_graph = true, .unused = Unused::zeros});
    std::vector<Tensor> rows;
    for (const Tensor& slope : slopes)
        for (std::int64_t i = 0; i < slope.numel(); ++i) {
            const auto row = grad(slope.requires_grad() ? sum(slice(reshape(slope, {-1}), i, i + 1)) : zeros({}, f64),
                                  leaves, {.retain_graph = true, .unused = Unused::zeros});
            std::vector<Tensor> flat;
            for (const Tensor& part : row) flat.push_back(reshape(part.detach(), {-1}));
            rows.push_back(concatenate(flat));
        }
    compare("hessian", stack(rows), read_tensor(c["hessian"]));
}
}  // namespace xg::golden
