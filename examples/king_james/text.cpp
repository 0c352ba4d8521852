#include "text.h"
#include <fmt/core.h>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <unordered_map>

namespace {
using Bytes = std::vector<unsigned char>;

std::uint32_t big_endian(const Bytes& b, std::size_t at) {
    if (at + 4 > b.size()) throw std::runtime_error("king_james: expected a whole file, got one that ends early");
    return std::uint32_t(b[at]) << 24 | std::uint32_t(b[at + 1]) << 16 | std::uint32_t(b[at + 2]) << 8 | b[at + 3];
}
/// Appends one window of LZW codes, of 9 bits at first, of 16 at most, as compress(1) writes them.
void expand(const Bytes& bytes, std::size_t first, std::size_t last, std::string& out) {
    std::vector<std::pair<std::uint32_t, unsigned char>> table(257);  // (the entry before its last byte, that byte)
    std::string entry;
    std::uint32_t before = 0;
    std::size_t bit = first * 8, group = bit, width = 9;
    bool begun = false;
    while (bit + width <= last * 8) {
        std::uint32_t code = 0;
        for (std::size_t k = 0; k < width; ++k, ++bit) code |= std::uint32_t(bytes[bit / 8] >> bit % 8 & 1) << k;
        const auto next_group = [&] { bit = group += (bit - group + width * 8 - 1) / (width * 8) * (width * 8); };
        if (code == 256) {  // begin anew
            next_group();
            table.resize(257);
            width = 9, begun = false;
            continue;
        }
        if (code > table.size() || (code == table.size() && !begun))
            throw std::runtime_error(fmt::format("king_james: expected a known code, got {}", code));
        std::uint32_t c = code == table.size() ? before : code;
        entry.clear();
        for (; c > 256; c = table[c].first) entry += char(table[c].second);
        entry += char(c);
        std::ranges::reverse(entry);
        if (code == table.size()) entry += entry[0];
        out += entry;
        if (begun && table.size() < 65536) table.emplace_back(before, static_cast<unsigned char>(entry[0]));
        before = code, begun = true;
        // Codes come in groups of eight, counted from where their width began; a wider one begins after a whole group.
        if (table.size() >= std::size_t(1) << width && width < 16) {
            next_group();
            ++width;
        }
    }
}
std::string verses(const std::string& file) {
    std::string text;
    for (std::size_t at = file.find('\n') + 1; at < file.size();) {  // behind the title
        const auto end = std::min(file.find('\n', at), file.size()), name = file.find(' ', at);
        if (name < end) text += file.substr(name + 1, end - name - 1) + '\n';
        at = end + 1;
    }
    return text;
}
}  // namespace

std::string king_james(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throw std::runtime_error(
            fmt::format("king_james: expected {}, found none; on Debian: apt install bible-kjv-text", path));
    const Bytes bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const std::size_t header = 0x58, windows = big_endian(bytes, header);
    std::string file;
    for (std::size_t i = 0; i < windows; ++i) {
        const std::size_t first = big_endian(bytes, header + 4 + 4 * i), last = big_endian(bytes, header + 8 + 4 * i);
        if (first > last || last > bytes.size())
            throw std::runtime_error(
                fmt::format("king_james: expected windows within the file, got [{}, {})", first, last));
        expand(bytes, first, last, file);
    }
    return verses(file);
}

Alphabet::Alphabet(const std::string& text) {
    bool seen[256] = {};
    for (const char c : text) seen[static_cast<unsigned char>(c)] = true;
    for (int c = 0; c < 256; ++c)
        if (seen[c]) characters_ += char(c);
}
std::vector<std::int64_t> Alphabet::encode(const std::string& text) const {
    std::int64_t number[256] = {};
    for (std::size_t i = 0; i < characters_.size(); ++i)
        number[static_cast<unsigned char>(characters_[i])] = std::int64_t(i);
    std::vector<std::int64_t> codes;
    for (const char c : text) codes.push_back(number[static_cast<unsigned char>(c)]);
    return codes;
}

std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>> cut(const std::vector<std::int64_t>& text,
                                                                    double share) {
    const auto middle = text.begin() + std::ptrdiff_t(share * double(text.size()));
    return {{text.begin(), middle}, {middle, text.end()}};
}

double ngram_loss(const std::vector<std::int64_t>& train, const std::vector<std::int64_t>& test, std::int64_t classes,
                  int n) {
    struct Context {
        double total = 0, kinds = 0;
    };
    std::vector<std::unordered_map<std::uint64_t, double>> counts(static_cast<std::size_t>(n));
    std::vector<std::unordered_map<std::uint64_t, Context>> contexts(static_cast<std::size_t>(n));
    // Contexts of k characters ending before position i, as a number in base `classes`.
    const auto context = [&](const std::vector<std::int64_t>& text, std::size_t i, int k) {
        std::uint64_t key = 0;
        for (int j = k; j > 0; --j) key = key * std::uint64_t(classes) + std::uint64_t(text[i - std::size_t(j)]);
        return key;
    };
    const std::size_t start = std::size_t(n) - 1;
    for (std::size_t i = start; i < train.size(); ++i)
        for (int k = 0; k < n; ++k) {
            const auto key = context(train, i, k);
            Context& c = contexts[std::size_t(k)][key];
            double& count = counts[std::size_t(k)][key * std::uint64_t(classes) + std::uint64_t(train[i])];
            c.total += 1;
            if (count++ == 0) c.kinds += 1;
        }
    double loss = 0;
    for (std::size_t i = start; i < test.size(); ++i) {
        double p = 1 / double(classes);
        for (int k = 0; k < n; ++k) {
            const auto key = context(test, i, k);
            const auto c = contexts[std::size_t(k)].find(key);
            if (c == contexts[std::size_t(k)].end()) break;
            const auto count = counts[std::size_t(k)].find(key * std::uint64_t(classes) + std::uint64_t(test[i]));
            const double own = count == counts[std::size_t(k)].end() ? 0 : count->second;
            p = (own + c->second.kinds * p) / (c->second.total + c->second.kinds);
        }
        loss -= std::log(p);
    }
    return loss / double(test.size() - start);
}
