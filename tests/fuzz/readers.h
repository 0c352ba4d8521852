#pragma once
// Every reader of bytes that may come from anywhere, by name: for the fuzzers and for the tests of damaged files.
#include <nlohmann/json.hpp>
#include <string_view>
#include "../../data/csv.h"
#include "../../io/event_file.h"
#include "../../io/idx.h"
#include "../../io/image.h"
#include "../../io/npy_format.h"
#include "../../io/safetensors.h"
#include "../../io/state.h"
#include "../../nn/json.h"
#include "../../nn/module.h"

namespace xg::readers {

inline void safetensors(std::string_view bytes) { parse_safetensors(bytes, "bytes"); }
inline void npy(std::string_view bytes) { parse_npy(bytes, "bytes"); }
inline void npz(std::string_view bytes) { parse_npz(bytes, "bytes"); }
inline void idx(std::string_view bytes) { parse_idx(bytes, "bytes"); }
inline void csv(std::string_view bytes) { parse_csv(bytes, "bytes"); }
inline void events(std::string_view bytes) {
    read_events(bytes, "bytes", [](std::string_view) {});
}
inline void state(std::string_view bytes) { parse_state(bytes, "bytes"); }
inline void image(std::string_view bytes) { decode_image(bytes, "bytes"); }
inline void config(std::string_view bytes) { make_module("Sequential", Config{nlohmann::json::parse(bytes)}); }

}  // namespace xg::readers
