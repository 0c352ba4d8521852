#pragma once
#include <map>
#include <optional>
#include <string>
#include "../module.h"

namespace xg {

using Strings = std::vector<std::string>;

namespace detail {
inline std::string unknown(const std::string*) { return "[UNK]"; }
inline std::int64_t unknown(const std::int64_t*) { return -1; }
}  // namespace detail
template <class Key> struct LookupOptions {
    std::int64_t max_tokens = 0;  // of the whole vocabulary, the most frequent first; 0: any number
    int num_oov_indices = 1;      // for what is not in the vocabulary; 0: that is an error
    std::optional<Key> mask_token = {};
    Key oov_token = detail::unknown(static_cast<Key*>(nullptr));  // what an unknown index stands for
    std::vector<Key> vocabulary = {};
    std::vector<double> idf_weights = {};  // of the vocabulary, for tf_idf
    bool invert = false;                   // from indices to tokens
    std::string output_mode = "int";       // one_hot, multi_hot, count, tf_idf
    bool pad_to_max_tokens = false;        // rows of max_tokens even if fewer were found
};
namespace detail {
/// What StringLookup and IntegerLookup share. Indices: the mask, then what is out of the vocabulary, then the
/// vocabulary.
template <class Key> class Lookup {
public:
    Lookup(const char* layer, LookupOptions<Key> options);
    /// Each document's tokens.
    void adapt(const std::vector<std::vector<Key>>& documents);
    std::int64_t index(const Key& token) const;
    Key token(std::int64_t index) const;
    Tensor encoded(const Tensor& indices) const;
    std::int64_t special() const {
        return (options_.mask_token && options_.output_mode == "int") + options_.num_oov_indices;
    }
    std::int64_t size() const { return special() + std::int64_t(options_.vocabulary.size()); }
    std::vector<Key> vocabulary() const;
    const LookupOptions<Key>& options() const { return options_; }

private:
    bool masks() const { return options_.mask_token && options_.output_mode == "int"; }
    void set_vocabulary();
    const char* layer_;
    LookupOptions<Key> options_;
    std::map<Key, std::int64_t> index_;
};
}  // namespace detail

/// Strings as numbers: 0 for the mask token if there is one, then the unknown ones, then the vocabulary, which is given
/// or learned by adapt(): the most frequent first, equal ones in falling order, as in Keras. int64, or rows of float32.
class StringLookup : public Module {
public:
    explicit StringLookup(LookupOptions<std::string> options = {});
    void adapt(const Strings& data);
    void adapt(const std::vector<Strings>& documents) { lookup_.adapt(documents); }
    using Module::operator();
    Tensor operator()(const Strings& tokens) const;
    Tensor operator()(const std::vector<Strings>& rows) const;
    // {"red", "blue"} could also be a pair of iterators.
    void adapt(std::initializer_list<const char*> data) { adapt(Strings(data.begin(), data.end())); }
    Tensor operator()(std::initializer_list<const char*> tokens) {
        return (*this)(Strings(tokens.begin(), tokens.end()));
    }
    /// With invert: the tokens of indices (n,).
    Strings tokens(const Tensor& indices) const;
    /// With the special tokens: at their indices.
    Strings vocabulary() const { return lookup_.vocabulary(); }
    void describe(Config& config) const override;
    static StringLookup from_config(const Config& config);

private:
    detail::Lookup<std::string> lookup_;
};

/// The same for integers of any shape.
class IntegerLookup : public Module {
public:
    explicit IntegerLookup(LookupOptions<std::int64_t> options = {});
    /// (documents, tokens), or one token each.
    void adapt(const Tensor& data);
    Tensor forward(const Tensor& x) override;
    std::vector<std::int64_t> vocabulary() const { return lookup_.vocabulary(); }
    void describe(Config& config) const override;
    static IntegerLookup from_config(const Config& config);

protected:
    MaskFate mask_fate() const override {
        return lookup_.options().output_mode == "int" ? MaskFate::goes_on : MaskFate::lost;
    }

private:
    detail::Lookup<std::int64_t> lookup_;
};

/// Lengths of the sequences of tokens that count as one: `{1, 3}`, or `3` for all up to three.
struct NGrams {
    NGrams() = default;
    NGrams(std::initializer_list<int> each) : lengths(each) {}
    template <std::integral I> NGrams(I longest) {
        for (int n = longest < 1 ? int(longest) : 1; n <= int(longest); ++n) lengths.push_back(n);
    }

    std::vector<int> lengths;
};
struct TextVectorizationOptions {
    std::int64_t max_tokens = 0;
    std::string standardize = "lower_and_strip_punctuation";  // lower, strip_punctuation, none; ASCII
    std::string split = "whitespace";                         // character (of UTF-8), none
    NGrams ngrams = {};
    std::string output_mode = "int";          // multi_hot, count, tf_idf
    std::int64_t output_sequence_length = 0;  // of "int"; 0: the longest
    bool pad_to_max_tokens = false;
    Strings vocabulary = {};
    std::vector<double> idf_weights = {};
};
/// Texts as rows of numbers: 0 fills up, 1 is an unknown token, then the vocabulary. Input n texts, output (n, tokens)
/// int64, or (n, vocabulary) float32.
class TextVectorization : public Module {
public:
    explicit TextVectorization(TextVectorizationOptions options = {});
    void adapt(const Strings& texts);
    using Module::operator();
    Tensor operator()(const Strings& texts) const;
    Strings vocabulary() const { return lookup_.vocabulary(); }
    void describe(Config& config) const override;
    static TextVectorization from_config(const Config& config);

private:
    Strings tokens_of(const std::string& text) const;
    TextVectorizationOptions options_;
    detail::Lookup<std::string> lookup_;
};

}  // namespace xg
