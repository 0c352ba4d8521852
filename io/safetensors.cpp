#include "safetensors.h"
#include <algorithm>
#include <set>
#include <xtl/xhalf_float.hpp>
#include "../tensor/json.h"
#include "bytes.h"

namespace xg {

namespace {
constexpr std::pair<const char*, DType> types[] = {{"F64", f64}, {"I64", i64}, {"F32", f32},
                                                   {"I32", i32}, {"U8", u8},   {"BOOL", boolean}};

constexpr std::int64_t header_at = 8;

/// Where a name stands in the header, after the one before it: to say where the trouble is.
std::size_t place_of(const std::string& name, std::string_view header, std::size_t before) {
    const auto at = header.find("\"" + name + "\"", before);
    return at == std::string_view::npos ? before : at;
}
Json parse_header(std::string_view text, const ByteReader& in) {
    in.expect_at(header_at, !text.empty() && text[0] == '{',
                 "safetensors: expected a header that begins with an object, got another");
    try {
        return Json::parse(text);
    } catch (const JsonError& e) {
        in.expect_at(header_at + e.byte, false, "safetensors: {}", std::string(e.what()));
        throw;
    }
}
struct Entry {
    std::string name, dtype;
    Shape shape;
    std::int64_t begin, end, place;  // place: of the name, in the file
};
Entry parse_entry(const std::string& name, std::int64_t place, const Json& j, const ByteReader& in) {
    const auto natural = [](const Json& v) { return v.is_integer() && v.integer() >= 0; };
    const bool shaped = j.is_object() && j.size() == 3 && j.contains("dtype") && j["dtype"].is_string() &&
                        j.contains("shape") && j["shape"].is_array() && j.contains("data_offsets") &&
                        j["data_offsets"].is_array() && j["data_offsets"].size() == 2 &&
                        std::ranges::all_of(j["shape"], natural) && std::ranges::all_of(j["data_offsets"], natural);
    in.expect_at(place, shaped && std::int64_t(name.size()) <= limits::name_bytes,
                 "safetensors: expected dtype, shape and data_offsets for \"{}\", got others", name);
    in.expect_at(place, j["shape"].size() <= max_rank, "safetensors: expected at most {} axes for \"{}\", got {}",
                 max_rank, name, j["shape"].size());
    Entry e{name, j["dtype"].string(), {}, j["data_offsets"][0].integer(), j["data_offsets"][1].integer(), place};
    for (const Json& extent : j["shape"]) e.shape.push_back(extent.integer());
    return e;
}
Tensor read_tensor(const Entry& e, ByteReader& in) {
    const bool half = e.dtype == "F16", brain = e.dtype == "BF16";
    const auto known = std::ranges::find_if(types, [&](auto& t) { return e.dtype == t.first; });
    in.expect_at(e.place, known != std::end(types) || half || brain,
                 "safetensors: expected dtype F64, F32, F16, BF16, I64, I32, U8 or BOOL for \"{}\", got {}", e.name,
                 e.dtype);
    std::int64_t size = half || brain ? 2 : std::int64_t(size_of(known->second));
    for (auto extent : e.shape) {
        in.expect_at(e.place, extent < std::int64_t(1) << 40,
                     "safetensors: expected extents below 2^40 for \"{}\", got shape {}", e.name, e.shape);
        in.expect_at(e.place, !__builtin_mul_overflow(size, extent, &size),
                     "safetensors: expected a size that fits the file for \"{}\", got shape {}", e.name, e.shape);
    }
    in.expect_at(e.place, size == e.end - e.begin, "safetensors: expected {} bytes for \"{}\", got {}", size, e.name,
                 e.end - e.begin);
    in.expect(size <= in.left(), "safetensors: expected {} bytes of \"{}\", got the {} left of the file", size, e.name,
              in.left());
    const auto bytes = in.take(size);
    Tensor t = Tensor::empty(e.shape, half || brain ? f32 : known->second);
    if (!half && !brain) {
        detail::copy_bytes(t, bytes.data());
        return t;
    }
    for (std::int64_t i = 0; i < t.numel(); ++i) {
        std::uint16_t bits;
        std::memcpy(&bits, bytes.data() + 2 * i, 2);
        xtl::half_float value;
        std::memcpy(static_cast<void*>(&value), &bits, 2);
        t.raw<float>()[i] = half ? float(value) : std::bit_cast<float>(std::uint32_t(bits) << 16);
    }
    return t;
}
}  // namespace

SafetensorsFile parse_safetensors(std::string_view bytes, const std::string& path) {
    ByteReader in(bytes, path);
    const auto header_size = in.little<std::uint64_t>();
    in.expect_at(0, header_size <= std::uint64_t(limits::header_bytes) && std::int64_t(header_size) <= in.left(),
                 "safetensors: expected a header of at most {} bytes, got {}",
                 std::min(limits::header_bytes, in.left()), header_size);
    const auto text = in.take(std::int64_t(header_size));
    const Json header = parse_header(text, in);
    SafetensorsFile out;
    std::vector<Entry> entries;
    std::size_t place = 0;
    for (const auto& [name, value] : header.items()) {
        place = place_of(name, text, place);
        if (name != "__metadata__") {
            entries.push_back(parse_entry(name, header_at + std::int64_t(place), value, in));
            continue;
        }
        in.expect_at(header_at + std::int64_t(place),
                     value.is_object() &&
                         std::ranges::all_of(value.items(), [](const auto& field) { return field.second.is_string(); }),
                     "safetensors: expected metadata of strings, got others");
        for (const auto& [key, note] : value.items()) out.metadata[key] = note.string();
    }
    std::ranges::sort(entries, {}, [](const Entry& e) { return std::pair(e.begin, e.end); });
    std::int64_t at = 0;
    for (const Entry& e : entries) {
        in.expect_at(e.place, e.begin == at && e.end >= e.begin,
                     "safetensors: expected \"{}\" to begin where the tensor before ends, at {}, got {}", e.name, at,
                     e.begin);
        out.tensors.emplace_back(e.name, read_tensor(e, in));
        at = e.end;
    }
    in.expect(in.left() == 0, "safetensors: expected the last tensor to end the file, got {} bytes more", in.left());
    return out;
}

NamedTensors load_safetensors(const std::string& path) { return parse_safetensors(read_file(path), path).tensors; }

std::string format_safetensors(const NamedTensors& tensors, const std::map<std::string, std::string>& metadata) {
    // Wide types first, so that each tensor is aligned to its own size.
    auto order = tensors;
    std::ranges::stable_sort(order, [](auto& a, auto& b) {
        const auto wide = [](auto& t) { return -std::int64_t(size_of(t.second.dtype())); };
        return std::pair(wide(a), a.first) < std::pair(wide(b), b.first);
    });
    Json::Object header;
    if (!metadata.empty()) header.emplace_back("__metadata__", metadata);
    std::set<std::string> names{"__metadata__"};
    std::string data;
    for (const auto& [name, t] : order) {
        require<std::invalid_argument>(names.insert(name).second,
                                       "save_safetensors: expected different names, got \"{}\" twice", name);
        const auto type = std::ranges::find(types, t.dtype(), &std::pair<const char*, DType>::second);
        const auto begin = data.size();
        data.append(t.raw<char>(), std::size_t(t.numel()) * size_of(t.dtype()));
        header.emplace_back(name, Json{{"dtype", type->first},
                                       {"shape", std::vector(t.shape().begin(), t.shape().end())},
                                       {"data_offsets", {begin, data.size()}}});
    }
    std::string text = Json(std::move(header)).dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    const auto size = std::uint64_t(text.size());
    return std::string(reinterpret_cast<const char*>(&size), 8) + text + data;
}
void save_safetensors(const std::string& path, const NamedTensors& tensors,
                      const std::map<std::string, std::string>& metadata) {
    write_file(path, format_safetensors(tensors, metadata));
}

}  // namespace xg
