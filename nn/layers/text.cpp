#include <algorithm>
#include "../config.h"
#include "lookup.h"

namespace xg {

template <class F> void fields(TextVectorizationOptions& o, F&& field) {
    field("max_tokens", o.max_tokens);
    field("standardize", o.standardize);
    field("split", o.split);
    field("ngrams", o.ngrams);
    field("output_mode", o.output_mode);
    field("output_sequence_length", o.output_sequence_length);
    field("pad_to_max_tokens", o.pad_to_max_tokens);
    field("vocabulary", o.vocabulary);
    field("idf_weights", o.idf_weights);
}

namespace {
LookupOptions<std::string> lookup_options(const TextVectorizationOptions& o) {
    return {.max_tokens = o.max_tokens,
            .mask_token = "",
            .vocabulary = o.vocabulary,
            .idf_weights = o.idf_weights,
            .output_mode = o.output_mode,
            .pad_to_max_tokens = o.pad_to_max_tokens};
}
bool one_of(const std::string& text, std::initializer_list<const char*> known) {
    return std::ranges::any_of(known, [&](const char* k) { return text == k; });
}
bool is_space(char c) { return c == ' ' || ('\t' <= c && c <= '\r'); }
/// ASCII's, as Keras takes them off.
bool is_punctuation(char c) {
    return ('!' <= c && c <= '/') || (':' <= c && c <= '@') || ('[' <= c && c <= '`') || ('{' <= c && c <= '~');
}
Strings words_of(const std::string& text) {
    Strings words;
    for (auto at = text.begin(); at != text.end();) {
        at = std::find_if_not(at, text.end(), is_space);
        const auto end = std::find_if(at, text.end(), is_space);
        if (at != end) words.emplace_back(at, end);
        at = end;
    }
    return words;
}
/// The code points of UTF-8.
Strings characters_of(const std::string& text) {
    Strings characters;
    for (const char c : text)
        if ((static_cast<unsigned char>(c) & 0xc0) == 0x80 && !characters.empty()) characters.back() += c;
        else characters.emplace_back(1, c);
    return characters;
}
}  // namespace

TextVectorization::TextVectorization(TextVectorizationOptions options)
    : options_(std::move(options)), lookup_("TextVectorization", lookup_options(options_)) {
    const auto& o = options_;
    require<std::invalid_argument>(
        one_of(o.standardize, {"lower_and_strip_punctuation", "lower", "strip_punctuation", "none"}),
        "TextVectorization: expected standardize lower_and_strip_punctuation, lower, strip_punctuation or none, got {}",
        o.standardize);
    require<std::invalid_argument>(one_of(o.split, {"whitespace", "character", "none"}),
                                   "TextVectorization: expected split whitespace, character or none, got {}", o.split);
    require<std::invalid_argument>(o.output_mode != "one_hot",
                                   "TextVectorization: expected output_mode int, multi_hot, count or tf_idf, got {}",
                                   o.output_mode);
    require<std::invalid_argument>(
        o.output_sequence_length >= 0 && (o.output_mode == "int" || !o.output_sequence_length),
        "TextVectorization: expected an output_sequence_length with output_mode int, got {}", o.output_sequence_length);
    for (const int n : o.ngrams.lengths)
        require<std::invalid_argument>(n > 0, "TextVectorization: expected ngrams > 0, got {}", n);
}
Strings TextVectorization::tokens_of(const std::string& given) const {
    const auto& o = options_;
    std::string text = given;
    if (o.standardize.starts_with("lower"))
        for (char& c : text) c = 'A' <= c && c <= 'Z' ? char(c - 'A' + 'a') : c;
    if (o.standardize.ends_with("strip_punctuation")) std::erase_if(text, is_punctuation);
    Strings words = o.split == "whitespace"  ? words_of(text)
                    : o.split == "character" ? characters_of(text)
                                             : Strings{text};
    if (o.ngrams.lengths.empty()) return words;
    Strings grams;
    for (const int n : o.ngrams.lengths)
        for (std::size_t first = 0; first + std::size_t(n) <= words.size(); ++first) {
            std::string gram = words[first];
            for (int k = 1; k < n; ++k) gram += " " + words[first + std::size_t(k)];
            grams.push_back(std::move(gram));
        }
    return grams;
}
void TextVectorization::adapt(const Strings& texts) {
    std::vector<Strings> documents;
    for (auto& text : texts) documents.push_back(tokens_of(text));
    lookup_.adapt(documents);
    options_.vocabulary = lookup_.options().vocabulary;
    options_.idf_weights = lookup_.options().idf_weights;
}
Tensor TextVectorization::operator()(const Strings& texts) const {
    std::vector<std::vector<std::int64_t>> rows;
    std::size_t length = std::size_t(options_.output_sequence_length);
    for (auto& text : texts) {
        rows.emplace_back();
        for (auto& token : tokens_of(text)) rows.back().push_back(lookup_.index(token));
        if (!options_.output_sequence_length) length = std::max(length, rows.back().size());
    }
    // What fills a row up counts in no mode: 0 is the mask, -1 is left out.
    std::vector<std::int64_t> cells;
    for (auto& row : rows) {
        row.resize(length, options_.output_mode == "int" ? 0 : -1);
        cells.insert(cells.end(), row.begin(), row.end());
    }
    return lookup_.encoded(Tensor::of<std::int64_t>({rows.size(), length}, cells));
}
void TextVectorization::describe(Config& config) const { write(config, options_); }
TextVectorization TextVectorization::from_config(const Config& config) {
    return TextVectorization(read<TextVectorizationOptions>("TextVectorization", config));
}

}  // namespace xg
