#include "readers.h"
#include "../../data/csv.h"
#include "../../io/bytes.h"
#include "../../io/event_file.h"
#include "../../io/idx.h"
#include "../../io/image.h"
#include "../../io/npy_format.h"
#include "../../io/safetensors.h"
#include "../../io/state.h"
#include "../../nn/settings.h"
#include "../../nn/module.h"
#include "../../train/model.h"

namespace xg::test {

namespace {
constexpr const char* path = "bytes";
constexpr Reader all_readers[] = {
    {"safetensors", [](std::string_view bytes) { parse_safetensors(bytes, path); }, true},
    {"state", [](std::string_view bytes) { parse_state(bytes, path); }, true},
    {"npy", [](std::string_view bytes) { parse_npy(bytes, path); }, true},
    {"npz", [](std::string_view bytes) { parse_npz(bytes, path); }, true},
    {"idx", [](std::string_view bytes) { parse_idx(bytes, path); }, true},
    {"gzip", [](std::string_view bytes) { gunzip(bytes, path, 1 << 20); }, false},
    {"csv", [](std::string_view bytes) { parse_csv(bytes, path); }, false},
    {"events", [](std::string_view bytes) { read_events(bytes, path, [](std::string_view) {}); }, false},
    {"image", [](std::string_view bytes) { decode_image(bytes, path); }, false, 4400},
    {"config", [](std::string_view bytes) { make_module("Sequential", Config::parse(std::string(bytes))); }, true},
    {"model", [](std::string_view bytes) { model_from_json(std::string(bytes)); }, true},
};
}  // namespace

std::span<const Reader> readers() { return all_readers; }

}  // namespace xg::test
