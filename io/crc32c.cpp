#include "crc32c.h"
#include <array>
#include <cstring>

namespace xg {

namespace {
#ifndef __SSE4_2__
constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t c = i;
        for (int k = 0; k < 8; ++k) c = c & 1 ? c >> 1 ^ 0x82f63b78u : c >> 1;
        table[i] = c;
    }
    return table;
}
constexpr auto table = make_table();
#endif
}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
#ifdef __SSE4_2__
    std::uint64_t c = ~before;
    std::size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data() + i, 8);
        c = __builtin_ia32_crc32di(c, word);
    }
    auto last = std::uint32_t(c);
    for (; i < bytes.size(); ++i) last = __builtin_ia32_crc32qi(last, std::uint8_t(bytes[i]));
    return ~last;
#else
    std::uint32_t c = ~before;
    for (const char b : bytes) c = table[(c ^ std::uint8_t(b)) & 255] ^ c >> 8;
    return ~c;
#endif
}

}  // namespace xg
