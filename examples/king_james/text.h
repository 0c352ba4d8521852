#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// The King James Bible from Debian's package bible-kjv-text, verse by verse, a line each, without the verses' names.
std::string king_james(const std::string& path = "/usr/lib/bible.data");

/// A number for each character that occurs, in the order of their codes.
class Alphabet {
public:
    explicit Alphabet(const std::string& text);
    std::int64_t size() const { return std::int64_t(characters_.size()); }
    std::vector<std::int64_t> encode(const std::string& text) const;
    char character(std::int64_t i) const { return characters_[std::size_t(i)]; }

private:
    std::string characters_;
};

/// The first part of a text, of that share, and the rest.
std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>> cut(const std::vector<std::int64_t>& text,
                                                                    double share);

/// What a model of n - 1 characters of context, counted on `train`, needs for a character of `test`, in nats: counts of
/// all orders, interpolated by the number of different successors (Witten & Bell 1991).
double ngram_loss(const std::vector<std::int64_t>& train, const std::vector<std::int64_t>& test, std::int64_t classes,
                  int n);
