#include "lookup.h"
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/layout.h"
#include "../config.h"
#include "categorical.h"

namespace xg {

namespace detail {

template <class Key> Lookup<Key>::Lookup(const char* layer, LookupOptions<Key> options)
    : layer_(layer), options_(std::move(options)) {
    const auto& o = options_;
    require_output_mode(layer, o.output_mode, {"int", "one_hot", "multi_hot", "count", "tf_idf"});
    require<std::invalid_argument>(!o.invert || o.output_mode == "int",
                                   "{}: expected output_mode int to invert, got {}", layer, o.output_mode);
    require<std::invalid_argument>(o.num_oov_indices >= 0, "{}: expected num_oov_indices >= 0, got {}", layer,
                                   o.num_oov_indices);
    require<std::invalid_argument>(o.max_tokens == 0 || o.max_tokens > special(),
                                   "{}: expected max_tokens > {}, the special ones, got {}", layer, special(),
                                   o.max_tokens);
    if (!o.vocabulary.empty()) set_vocabulary();
}
/// A vocabulary may begin with the special tokens; they are taken off.
template <class Key> void Lookup<Key>::set_vocabulary() {
    auto& o = options_;
    std::vector<Key> front;
    if (masks()) front.push_back(*o.mask_token);
    front.insert(front.end(), std::size_t(o.num_oov_indices), o.oov_token);
    auto& words = o.vocabulary;
    const bool marked =
        !front.empty() && words.size() >= front.size() && std::equal(front.begin(), front.end(), words.begin());
    if (marked) words.erase(words.begin(), words.begin() + std::ptrdiff_t(front.size()));
    if (o.output_mode == "tf_idf") {
        if (marked && o.idf_weights.size() == words.size() + front.size())
            o.idf_weights.erase(o.idf_weights.begin(), o.idf_weights.begin() + std::ptrdiff_t(front.size()));
        require<std::invalid_argument>(o.idf_weights.size() == words.size(),
                                       "{}: expected one of idf_weights for each of {} tokens, got {}", layer_,
                                       words.size(), o.idf_weights.size());
    }
    require<std::invalid_argument>(o.max_tokens == 0 || size() <= o.max_tokens,
                                   "{}: expected a vocabulary of at most max_tokens, {}, got {}", layer_, o.max_tokens,
                                   size());
    index_.clear();
    for (const Key& word : words) {
        require<std::invalid_argument>(!(o.mask_token && word == *o.mask_token),
                                       "{}: expected the mask token at the front of the vocabulary at most, got {}",
                                       layer_, word);
        require<std::invalid_argument>(index_.emplace(word, special() + std::int64_t(index_.size())).second,
                                       "{}: expected different tokens, got {} twice", layer_, word);
    }
}
template <class Key> void Lookup<Key>::adapt(const std::vector<std::vector<Key>>& documents) {
    auto& o = options_;
    std::map<Key, std::pair<std::int64_t, std::int64_t>> counts;  // all, documents with it
    for (auto& document : documents) {
        for (auto& token : document) ++counts[token].first;
        for (auto& token : std::set<Key>(document.begin(), document.end())) ++counts[token].second;
    }
    if (o.mask_token) counts.erase(*o.mask_token);
    counts.erase(o.oov_token);
    std::vector<std::pair<std::int64_t, Key>> order;
    for (auto& [token, count] : counts) order.emplace_back(count.first, token);
    std::ranges::sort(order, std::greater());
    if (o.max_tokens) order.resize(std::min(order.size(), std::size_t(o.max_tokens - special())));
    o.vocabulary.clear();
    o.idf_weights.clear();
    for (auto& [count, token] : order) {
        o.vocabulary.push_back(token);
        if (o.output_mode == "tf_idf")
            o.idf_weights.push_back(std::log(1 + double(documents.size()) / double(1 + counts[token].second)));
    }
    set_vocabulary();
}
template <class Key> std::int64_t Lookup<Key>::index(const Key& token) const {
    const auto& o = options_;
    if (o.mask_token && token == *o.mask_token) return o.output_mode == "int" ? 0 : -1;
    if (const auto found = index_.find(token); found != index_.end()) return found->second;
    require<std::invalid_argument>(o.num_oov_indices > 0,
                                   "{}: expected a token of the vocabulary, as num_oov_indices is 0, got {}", layer_,
                                   token);
    std::int64_t place = 0;
    if (o.num_oov_indices > 1) {
        const auto n = std::int64_t(o.num_oov_indices);
        if constexpr (std::integral<Key>) place = (token % n + n) % n;
        else place = std::int64_t(farm_hash(token) % std::uint64_t(n));
    }
    return special() - o.num_oov_indices + place;
}
template <class Key> Key Lookup<Key>::token(std::int64_t index) const {
    const auto& o = options_;
    if (masks() && index == 0) return *o.mask_token;
    const auto place = index - special();
    return 0 <= place && place < std::int64_t(o.vocabulary.size()) ? o.vocabulary[std::size_t(place)] : o.oov_token;
}
template <class Key> std::vector<Key> Lookup<Key>::vocabulary() const {
    std::vector<Key> tokens;
    for (std::int64_t i = 0; i < size(); ++i) tokens.push_back(token(i));
    return tokens;
}
template <class Key> Tensor Lookup<Key>::encoded(const Tensor& indices) const {
    const auto& o = options_;
    require<std::logic_error>(!o.vocabulary.empty(), "{}: expected a vocabulary or adapt() before", layer_);
    const auto depth = o.pad_to_max_tokens && o.max_tokens ? o.max_tokens : size();
    if (o.output_mode != "tf_idf") return encode(indices, o.output_mode, depth);
    // What is unknown weighs as much as a token does on average.
    const auto& known = o.idf_weights;
    std::vector<double> weights(std::size_t(special()),
                                std::accumulate(known.begin(), known.end(), 0.0) / double(known.size()));
    weights.insert(weights.end(), known.begin(), known.end());
    weights.resize(std::size_t(depth), 0);
    return encode(indices, "count", depth) * Tensor::of<double>({depth}, weights).to(f32);
}
template class Lookup<std::string>;
template class Lookup<std::int64_t>;

}  // namespace detail

template <class Key, class F> void fields(LookupOptions<Key>& o, F&& field) {
    field("max_tokens", o.max_tokens);
    field("num_oov_indices", o.num_oov_indices);
    field("mask_token", o.mask_token);
    field("oov_token", o.oov_token);
    field("vocabulary", o.vocabulary);
    field("idf_weights", o.idf_weights);
    field("invert", o.invert);
    field("output_mode", o.output_mode);
    field("pad_to_max_tokens", o.pad_to_max_tokens);
}
namespace {
std::vector<Strings> one_each(const Strings& data) {
    std::vector<Strings> documents;
    for (auto& s : data) documents.push_back({s});
    return documents;
}
}  // namespace

StringLookup::StringLookup(LookupOptions<std::string> options) : lookup_("StringLookup", std::move(options)) {}
void StringLookup::adapt(const Strings& data) { adapt(one_each(data)); }
Tensor StringLookup::operator()(const Strings& tokens) const {
    std::vector<std::int64_t> indices;
    for (auto& t : tokens) indices.push_back(lookup_.index(t));
    return lookup_.encoded(Tensor::of<std::int64_t>({indices.size()}, indices));
}
Tensor StringLookup::operator()(const std::vector<Strings>& rows) const {
    return lookup_.encoded(
        detail::table_of("StringLookup", rows, [&](const std::string& t) { return lookup_.index(t); }));
}
Strings StringLookup::tokens(const Tensor& indices) const {
    require<std::logic_error>(lookup_.options().invert, "StringLookup: expected invert for tokens(), got none");
    Strings tokens;
    const Tensor wide = indices.to(i64);
    for (const auto i : wide.data<std::int64_t>()) tokens.push_back(lookup_.token(i));
    return tokens;
}
void StringLookup::describe(Config& config) const { write(config, lookup_.options()); }
StringLookup StringLookup::from_config(const Config& config) {
    return StringLookup(read<LookupOptions<std::string>>("StringLookup", config));
}

IntegerLookup::IntegerLookup(LookupOptions<std::int64_t> options) : lookup_("IntegerLookup", std::move(options)) {}
void IntegerLookup::adapt(const Tensor& data) {
    const Tensor wide = data.to(i64);
    const auto documents = data.rank() > 0 ? data.shape()[0] : 1, n = documents ? data.numel() / documents : 0;
    std::vector<std::vector<std::int64_t>> rows;
    for (std::int64_t i = 0; i < documents; ++i)
        rows.emplace_back(wide.raw<std::int64_t>() + i * n, wide.raw<std::int64_t>() + (i + 1) * n);
    lookup_.adapt(rows);
}
Tensor IntegerLookup::forward(const Tensor& x) {
    const Tensor wide = x.to(i64);
    Tensor y = Tensor::empty(x.shape(), i64);
    for (std::int64_t i = 0; i < x.numel(); ++i) {
        const auto each = wide.raw<std::int64_t>()[i];
        y.raw<std::int64_t>()[i] = lookup_.options().invert ? lookup_.token(each) : lookup_.index(each);
    }
    return lookup_.encoded(y);
}
void IntegerLookup::describe(Config& config) const { write(config, lookup_.options()); }
IntegerLookup IntegerLookup::from_config(const Config& config) {
    return IntegerLookup(read<LookupOptions<std::int64_t>>("IntegerLookup", config));
}

}  // namespace xg
