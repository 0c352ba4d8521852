#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace xg::test {

/// A reader of bytes that may come from anywhere: for the fuzzers and for the tests of damaged files. What it does not
/// take is an exception.
struct Reader {
    const char* name;  // and the folder of its corpus
    void (*read)(std::string_view bytes);
    bool whole;                     // a file of it that is cut anywhere must be refused
    std::int64_t bytes_a_byte = 2;  // the most memory to take for each byte of a file
};
std::span<const Reader> readers();

}  // namespace xg::test
