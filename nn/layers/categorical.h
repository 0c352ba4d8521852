#pragma once
#include <optional>
#include <string>
#include "../module.h"

namespace xg {

// Numbers of categories as "int", or as rows of `depth`: "one_hot" one an entry (a last axis of 1 goes away);
// "multi_hot" 1 for each category present along axis 1 (axis 0 of a vector); "count" how often.

struct CategoryEncodingOptions {
    std::int64_t num_tokens = 0;
    std::string output_mode = "multi_hot";  // one_hot, count
};
/// Integers in [0, num_tokens) as rows of float32. A second input beside "count" weighs the entries.
class CategoryEncoding : public Module {
public:
    explicit CategoryEncoding(std::int64_t num_tokens, CategoryEncodingOptions options = {});
    Tensor forward(const Tensor& x) override;
    Tensor forward(const Tensors& x_and_weights) override;
    void describe(Config& config) const override;
    static CategoryEncoding from_config(const Config& config);

protected:
    MaskFate mask_fate() const override { return MaskFate::lost; }

private:
    CategoryEncodingOptions options_;
};

struct DiscretizationOptions {
    std::vector<double> bin_boundaries = {};  // rising; or
    int num_bins = 0;                         // as many bins as adapt() shall fill evenly
    double epsilon = 0.01;                    // how far a quantile may be off
    std::string output_mode = "int";          // one_hot, multi_hot, count
};
/// The number of the bin that each entry falls into: how many boundaries are not above it, int32.
class Discretization : public Module {
public:
    explicit Discretization(DiscretizationOptions options);
    /// Takes quantiles of all of `data` as boundaries.
    void adapt(const Tensor& data);
    const std::vector<double>& bin_boundaries() const { return options_.bin_boundaries; }
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static Discretization from_config(const Config& config);

protected:
    MaskFate mask_fate() const override { return options_.output_mode == "int" ? MaskFate::goes_on : MaskFate::lost; }

private:
    DiscretizationOptions options_;
};

/// A string, or an integer, which is hashed by its digits.
struct HashKey {
    HashKey() = default;
    HashKey(std::string string) : text(std::move(string)) {}
    HashKey(const char* string) : text(string) {}
    template <std::integral I> HashKey(I number) : text(std::to_string(number)) {}

    std::string text;
};
struct HashingOptions {
    std::int64_t num_bins = 0;
    std::optional<HashKey> mask_value = {};  // goes to bin 0, which is then nobody else's
    std::vector<std::int64_t> salt = {};     // one or two numbers: SipHash-2-4 with this key rather than FarmHash64
    std::string output_mode = "int";         // one_hot, multi_hot, count
};
/// A bin for each integer or string, by its hash: the same as in Keras. int64.
class Hashing : public Module {
public:
    explicit Hashing(std::int64_t num_bins, HashingOptions options = {});
    using Module::operator();
    Tensor operator()(const std::vector<std::string>& strings);
    Tensor operator()(const std::vector<std::vector<std::string>>& rows);
    // {"red", "blue"} could also be a pair of iterators.
    Tensor operator()(std::initializer_list<const char*> strings) {
        return (*this)(std::vector<std::string>(strings.begin(), strings.end()));
    }
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static Hashing from_config(const Config& config);

protected:
    MaskFate mask_fate() const override { return options_.output_mode == "int" ? MaskFate::goes_on : MaskFate::lost; }

private:
    std::int64_t bin(const std::string& key) const;
    HashingOptions options_;
};

namespace detail {
/// Indices, -1 for what is left out, in that output mode; `weights` go with "count".
Tensor encode(const Tensor& indices, const std::string& mode, std::int64_t depth, const Tensor& weights = {});
void require_output_mode(const char* layer, const std::string& mode, const std::vector<std::string>& known);
/// As a table of equal rows; throws unless they are.
template <class F> Tensor table_of(const char* layer, const std::vector<std::vector<std::string>>& rows, const F& f) {
    const auto width = rows.empty() ? 0 : rows[0].size();
    std::vector<std::int64_t> values;
    for (auto& row : rows) {
        require(row.size() == width, "{}: expected rows of equal length, got {} after {}", layer, row.size(), width);
        for (auto& each : row) values.push_back(f(each));
    }
    return Tensor::of<std::int64_t>({rows.size(), width}, values);
}
std::uint64_t farm_hash(std::string_view text);
std::uint64_t sip_hash(std::string_view text, std::uint64_t key0, std::uint64_t key1);
}  // namespace detail

}  // namespace xg
