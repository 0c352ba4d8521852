#include "case.h"

namespace xg::golden {

namespace {
Axes axes_of(const Json& axis) {
    if (axis.is_null()) return all;
    if (axis.is_number()) return axis.get<int>();
    const auto list = axis.get<std::vector<int>>();
    return Axes(list.begin(), list.end());
}
Index index_of(const Json& i) {
    if (i.is_number()) return i.get<std::int64_t>();
    if (i == "new") return newaxis;
    if (i == "...") return ellipsis;
    const auto at = [&](std::size_t k) {
        return k < i.size() && !i[k].is_null() ? std::optional<std::int64_t>(i[k].get<std::int64_t>()) : std::nullopt;
    };
    return Slice(at(0), at(1), at(2).value_or(1));
}
}  // namespace

void numpy(const Json& c, Comparison& compare) {
    using One = Tensor (*)(const Tensor&);
    using Two = Tensor (*)(const Tensor&, const Tensor&);
    using Fold = Tensor (*)(const Tensor&, Axes, Reduction);
    static const std::map<std::string, One> ones{{"exp", exp},
                                                 {"expm1", expm1},
                                                 {"sin", sin},
                                                 {"cos", cos},
                                                 {"tan", tan},
                                                 {"sinh", sinh},
                                                 {"cosh", cosh},
                                                 {"tanh", tanh},
                                                 {"arctan", arctan},
                                                 {"absolute", abs},
                                                 {"sign", sign},
                                                 {"square", square},
                                                 {"erf", erf},
                                                 {"sigmoid", sigmoid},
                                                 {"log", log},
                                                 {"log1p", log1p},
                                                 {"log2", log2},
                                                 {"log10", log10},
                                                 {"sqrt", sqrt},
                                                 {"rsqrt", rsqrt},
                                                 {"reciprocal", reciprocal},
                                                 {"arcsin", arcsin},
                                                 {"arccos", arccos},
                                                 {"floor", floor},
                                                 {"ceil", ceil},
                                                 {"round", round},
                                                 {"trunc", trunc},
                                                 {"negative", [](const Tensor& x) { return -x; }},
                                                 {"isfinite", isfinite},
                                                 {"isinf", isinf},
                                                 {"isnan", isnan},
                                                 {"logical_not", logical_not},
                                                 {"softplus", softplus},
                                                 {"cholesky", cholesky},
                                                 {"det", det},
                                                 {"eigvalsh", eigvalsh},
                                                 {"inv", inv},
                                                 {"svdvals", svdvals}};
    static const std::map<std::string, Two> twos{
        {"add", operator+ },
         {"subtract", operator- },
          {"multiply", operator* },
           {"divide", operator/ }, {"maximum", maximum}, {"minimum", minimum}, {"arctan2", arctan2}, {"hypot", hypot},
            {"logaddexp", logaddexp}, {"mod", mod}, {"floor_divide", floor_divide}, {"logical_and", logical_and},
            {"logical_or", logical_or}, {"logical_xor", logical_xor}, {"outer", outer},
            {"less_equal", operator<= },
             {"greater", operator> },
              {"not_equal", operator!= },
               {"less", operator<},
                {"greater_equal", operator>= },
                 {"equal", operator== }, {"power", pow}, {"matmul", [](const Tensor& a, const Tensor& b) {
                                                              return matmul(a, b);
                                                          }}};
    static const std::map<std::string, Fold> folds{{"sum", sum},   {"mean", mean}, {"max", max},
                                                   {"min", min},   {"prod", prod}, {"logsumexp", logsumexp},
                                                   {"norm", norm}, {"any", any},   {"all", every}};
    const std::string op = c.at("op").string();
    const Json& o = c.at("config");
    const auto axis = [&](int otherwise) {
        return o.contains("axis") && o["axis"].is_number() ? o["axis"].get<int>() : otherwise;
    };
    // NumPy's None: all entries in order.
    const auto flattened = [&](const Tensor& x) {
        return o.contains("axis") && o["axis"].is_null() ? reshape(x, {-1}) : x;
    };
    differentiate(c, compare, [&](Inputs& x) -> std::vector<Tensor> {
        std::vector<Tensor> in;
        for (auto& [name, value] : c.at("inputs").items()) in.push_back(x[name]);
        if (ones.contains(op)) return {ones.at(op)(in[0])};
        if (twos.contains(op)) return {twos.at(op)(in[0], in[1])};
        if (folds.contains(op)) {
            if (o.contains("ord") && o["ord"] != 2) throw Skip{"norm of another order"};
            return {folds.at(op)(in[0], axes_of(o.contains("axis") ? o["axis"] : Json()),
                                 {.keepdims = o.value("keepdims", false)})};
        }
        if (op == "var" || op == "std")
            return {(op == "var" ? var : stddev)(
                in[0], axes_of(o.contains("axis") ? o["axis"] : Json()),
                {o.value("correction", o.value("ddof", 0.0)), o.value("keepdims", false)})};
        if (op == "argmax" || op == "argmin") {
            const Reduction keep{o.value("keepdims", false)};
            if (o.contains("axis") && o["axis"].is_number())
                return {op == "argmax" ? argmax(in[0], axis(0), keep) : argmin(in[0], axis(0), keep)};
            const Tensor position = op == "argmax" ? argmax(in[0]) : argmin(in[0]);
            Shape ones_only;
            for (int a = 0; a < in[0].rank(); ++a) ones_only.push_back(1);
            return {keep.keepdims ? reshape(position, ones_only) : position};
        }
        if (op == "slice") {
            std::vector<Index> indices;
            for (auto& i : o.at("index")) indices.push_back(index_of(i));
            return {xg::detail::index(in[0], indices)};
        }
        if (op == "take") return {take(flattened(in[0]), in[1], axis(0))};
        if (op == "take_along_axis") return {take_along_axis(in[0], in[1], axis(-1))};
        if (op == "boolean_mask") return {in[0](in[1])};
        if (op == "scatter_add" || op == "scatter_set") {
            const Tensor x0 = moveaxis(in[0], axis(0), 0), updates = moveaxis(in[2], axis(0), 0);
            const Tensor added = scatter_add(updates, in[1], x0.shape());
            const Tensor hit = scatter_add(ones_like(updates), in[1], x0.shape()) > 0;
            return {moveaxis(op == "scatter_add" ? x0 + added : where(hit, added, x0), 0, axis(0))};
        }
        if (op == "concatenate") return {concatenate(in, axis(0))};
        if (op == "stack") return {stack(in, axis(0))};
        if (op == "split" && o.contains("sections")) return split(in[0], o["sections"].get<std::int64_t>(), axis(0));
        if (op == "split") return split(in[0], o["indices"].get<std::vector<std::int64_t>>(), axis(0));
        if (op == "tile") {
            const auto r = o["reps"].get<std::vector<std::int64_t>>();
            return {tile(in[0], Shape(r.begin(), r.end()))};
        }
        if (op == "repeat") return {repeat(flattened(in[0]), o["repeats"].get<std::int64_t>(), axis(0))};
        if (op == "pad") {
            std::vector<Padding> p;
            for (auto& w : o["pad_width"]) p.push_back({w[0].get<std::int64_t>(), w[1].get<std::int64_t>()});
            static const std::map<std::string, PadMode> modes{{"reflect", PadMode::reflect},
                                                              {"symmetric", PadMode::symmetric},
                                                              {"edge", PadMode::edge},
                                                              {"wrap", PadMode::wrap}};
            if (modes.contains(o.value("mode", "constant"))) return {pad(in[0], p, modes.at(o["mode"].string()))};
            return {pad(in[0], p, o.value("constant_value", 0.0))};
        }
        if (op == "flip") return {flip(in[0], axes_of(o.contains("axis") ? o["axis"] : Json()))};
        if (op == "roll" && o["shift"].is_number() && o["axis"].is_null())
            return {roll(in[0], o["shift"].get<std::int64_t>())};
        if (op == "roll" && o["shift"].is_number() && o["axis"].is_number())
            return {roll(in[0], o["shift"].get<std::int64_t>(), axis(0))};
        if (op == "roll") {
            Tensor y = in[0];
            for (std::size_t i = 0; i < o["shift"].size(); ++i)
                y = roll(y, o["shift"][i].get<std::int64_t>(), o["axis"][i].get<int>());
            return {y};
        }
        if (op == "sort") return {sort(flattened(in[0]), axis(-1))};
        if (op == "argsort") return {argsort(flattened(in[0]), axis(-1))};
        if (op == "cumsum") return {cumsum(flattened(in[0]), axis(-1))};
        if (op == "cumprod") return {cumprod(flattened(in[0]), axis(-1))};
        if (op == "top_k") {
            auto [v, i] = topk(in[0], o["k"].get<std::int64_t>());
            return {v, i};
        }
        if (op == "transpose" && (!o.contains("axes") || o["axes"].is_null())) return {transpose(in[0])};
        if (op == "transpose") {
            const auto a = o["axes"].get<std::vector<int>>();
            return {xg::detail::permute(in[0], a.data())};
        }
        if (op == "where") return {where(in[0], in[1], in[2])};
        if (op == "clip") {
            const auto bound = [&](const char* name, double otherwise) {
                return o.contains(name) && !o[name].is_null() ? number(o[name]) : otherwise;
            };
            return {clip(in[0], bound("min", -INFINITY), bound("max", INFINITY))};
        }
        if (op == "solve") return {solve(in[0], in[1])};
        if (op == "slogdet") return {slogdet(in[0]).sign, slogdet(in[0]).logdet};
        if (op == "eigh") {
            const auto [values, vectors] = eigh(in[0]);
            return {values, square(vectors)};  // the sign is free
        }
        if (op == "qr") {
            const auto [q, r] = qr(in[0]);
            return {q, r};
        }
        if (op == "einsum") return {einsum(o["equation"].string(), in)};
        if (op == "tril" || op == "triu") return {(op == "tril" ? tril : triu)(in[0], o["k"].get<std::int64_t>())};
        throw Skip{op};
    });
}
}  // namespace xg::golden
