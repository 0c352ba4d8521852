#pragma once
#include "../../tensor/random.h"

namespace xg::detail {

/// The next key of a layer's own stream; from the global one if its seed is -1.
inline RandomKey draw(std::int64_t seed, std::uint64_t& calls) {
    return seed < 0 ? next_key() : next_key(std::uint64_t(seed), calls);
}

}  // namespace xg::detail
