#pragma once
#include <cstdint>
#include <string_view>

namespace xg {

/// CRC-32C (Castagnoli), as event files and checkpoints carry it: crc32c("123456789") = e3069283. `before`: of the
/// bytes that came first.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace xg
