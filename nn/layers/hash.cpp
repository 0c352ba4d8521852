// FarmHash64 (Pike 2014), the fingerprint that stays the same on every machine, and SipHash-2-4 (Aumasson & Bernstein
// 2012): what Keras' Hashing uses, so that the same strings fall into the same bins.
#include <bit>
#include <cstring>
#include <string_view>
#include "categorical.h"

namespace xg::detail {

namespace {
using u64 = std::uint64_t;
constexpr u64 k0 = 0xc3a5c85c97cb3127, k1 = 0xb492b66fbe98f273, k2 = 0x9ae16a3b2f90404f;

u64 word(const char* at) {
    u64 w;
    std::memcpy(&w, at, 8);
    return w;
}
u64 half(const char* at) {
    std::uint32_t w;
    std::memcpy(&w, at, 4);
    return w;
}
u64 mixed(u64 x) { return x ^ (x >> 47); }
u64 joined(u64 u, u64 v, u64 factor) {
    const u64 a = mixed((u ^ v) * factor);
    return mixed((v ^ a) * factor) * factor;
}
u64 up_to_16(const char* s, u64 n) {
    const u64 factor = k2 + n * 2;
    if (n >= 8) {
        const u64 a = word(s) + k2, b = word(s + n - 8);
        return joined(std::rotr(b, 37) * factor + a, (std::rotr(a, 25) + b) * factor, factor);
    }
    if (n >= 4) return joined(n + (half(s) << 3), half(s + n - 4), factor);
    if (n == 0) return k2;
    const auto byte = [&](u64 i) { return std::uint32_t(static_cast<unsigned char>(s[i])); };
    const std::uint32_t y = byte(0) + (byte(n >> 1) << 8), z = std::uint32_t(n) + (byte(n - 1) << 2);
    return mixed(y * k2 ^ z * k0) * k2;
}
u64 up_to_32(const char* s, u64 n) {
    const u64 factor = k2 + n * 2, a = word(s) * k1, b = word(s + 8), c = word(s + n - 8) * factor,
              d = word(s + n - 16) * k2;
    return joined(std::rotr(a + b, 43) + std::rotr(c, 30) + d, a + std::rotr(b + k2, 18) + c, factor);
}
u64 up_to_64(const char* s, u64 n) {
    const u64 factor = k2 + n * 2, a = word(s) * k2, b = word(s + 8), c = word(s + n - 8) * factor,
              d = word(s + n - 16) * k2;
    const u64 y = std::rotr(a + b, 43) + std::rotr(c, 30) + d, z = joined(y, a + std::rotr(b + k2, 18) + c, factor);
    const u64 e = word(s + 16) * factor, f = word(s + 24), g = (y + word(s + n - 32)) * factor,
              h = (z + word(s + n - 24)) * factor;
    return joined(std::rotr(e + f, 43) + std::rotr(g, 30) + h, e + std::rotr(f + a, 18) + g, factor);
}
struct Pair {
    u64 first, second;
};
Pair weak(const char* s, u64 a, u64 b) {
    const u64 w = word(s), z = word(s + 24);
    a += w;
    b = std::rotr(b + a + z, 21);
    const u64 c = a;
    a += word(s + 8) + word(s + 16);
    b += std::rotr(a, 44);
    return {a + z, b + c};
}
}  // namespace

u64 farm_hash(std::string_view text) {
    const char* s = text.data();
    const u64 n = text.size();
    if (n <= 16) return up_to_16(s, n);
    if (n <= 32) return up_to_32(s, n);
    if (n <= 64) return up_to_64(s, n);
    constexpr u64 seed = 81;
    u64 x = seed, y = seed * k1 + 113, z = mixed(y * k2 + 113) * k2;
    Pair v{0, 0}, w{0, 0};
    x = x * k2 + word(s);
    const char *end = s + (n - 1) / 64 * 64, *last = end + ((n - 1) & 63) - 63;
    const auto round = [&](u64 factor, u64 carry) {
        x = std::rotr(x + y + v.first + word(s + 8), 37) * factor;
        y = std::rotr(y + v.second + word(s + 48), 42) * factor;
        x ^= w.second * carry;
        y += v.first * carry + word(s + 40);
        z = std::rotr(z + w.first, 33) * factor;
        v = weak(s, v.second * factor, x + w.first);
        w = weak(s + 32, z + w.second, y + word(s + 16));
        std::swap(z, x);
    };
    for (; s != end; s += 64) round(k1, 1);
    const u64 factor = k1 + ((z & 0xff) << 1);
    s = last;
    w.first += (n - 1) & 63;
    v.first += w.first;
    w.first += v.first;
    round(factor, 9);
    return joined(joined(v.first, w.first, factor) + mixed(y) * k0 + z, joined(v.second, w.second, factor) + x, factor);
}

u64 sip_hash(std::string_view text, u64 key0, u64 key1) {
    u64 v0 = key0 ^ 0x736f6d6570736575, v1 = key1 ^ 0x646f72616e646f6d, v2 = key0 ^ 0x6c7967656e657261,
        v3 = key1 ^ 0x7465646279746573;
    const auto rounds = [&](int count) {
        while (count--) {
            v0 += v1, v1 = std::rotl(v1, 13) ^ v0, v0 = std::rotl(v0, 32);
            v2 += v3, v3 = std::rotl(v3, 16) ^ v2;
            v0 += v3, v3 = std::rotl(v3, 21) ^ v0;
            v2 += v1, v1 = std::rotl(v1, 17) ^ v2, v2 = std::rotl(v2, 32);
        }
    };
    const auto absorb = [&](u64 m) {
        v3 ^= m;
        rounds(2);
        v0 ^= m;
    };
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) absorb(word(text.data() + at));
    u64 tail = u64(text.size()) << 56;
    for (std::size_t i = 0; at + i < text.size(); ++i) tail |= u64(static_cast<unsigned char>(text[at + i])) << (8 * i);
    absorb(tail);
    v2 ^= 0xff;
    rounds(4);
    return v0 ^ v1 ^ v2 ^ v3;
}

}  // namespace xg::detail
