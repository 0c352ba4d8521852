#include "state.h"
#include "../tensor/create.h"
#include "bytes.h"
#include "crc32c.h"

namespace xg {

namespace {
// The checksum stands in the file it is of: it is taken while these digits are zeros.
constexpr std::string_view before_digits = "\"crc32c\":\"", no_digits = "00000000";

std::string digits_of(std::string_view head, std::string_view tail) {
    return fmt::format("{:08x}", crc32c(tail, crc32c(no_digits, crc32c(head))));
}
}  // namespace

void State::set(const std::string& name, const Tensor& value) { tensors_[name] = value; }
void State::set(const std::string& name, double value) { tensors_[name] = full({}, value, f64); }
void State::set_integer(const std::string& name, std::int64_t value) {
    Tensor t = Tensor::empty({}, i64);
    *t.raw<std::int64_t>() = value;
    tensors_[name] = t;
}
void State::set(const std::string& name, const State& inner) {
    for (auto& [key, value] : inner.tensors_) tensors_[name + "." + key] = value;
    for (auto& [key, value] : inner.words_) words_[name + "." + key] = value;
}
const Tensor& State::tensor(const std::string& name) const {
    const auto found = tensors_.find(name);
    require<std::invalid_argument>(found != tensors_.end(), "state: expected a value for \"{}\", got none", name);
    return found->second;
}
const std::string& State::text(const std::string& name) const {
    const auto found = words_.find(name);
    require<std::invalid_argument>(found != words_.end(), "state: expected a value for \"{}\", got none", name);
    return found->second;
}
State State::below(const std::string& name) const {
    State inner;
    const std::string prefix = name + ".";
    const auto pick = [&](const auto& from, auto& to) {
        for (auto at = from.lower_bound(prefix); at != from.end() && at->first.starts_with(prefix); ++at)
            to.emplace(at->first.substr(prefix.size()), at->second);
    };
    pick(tensors_, inner.tensors_);
    pick(words_, inner.words_);
    return inner;
}

void save_state(const std::string& path, const State& state) {
    auto words = state.words();
    words["crc32c"] = no_digits;
    std::string bytes = format_safetensors({state.tensors().begin(), state.tensors().end()}, words);
    const auto at = bytes.find(before_digits) + before_digits.size();
    const std::string_view whole = bytes;
    bytes.replace(at, no_digits.size(), digits_of(whole.substr(0, at), whole.substr(at + no_digits.size())));
    write_file(path, bytes);
}
State load_state(const std::string& path) { return parse_state(read_file(path), path); }
State parse_state(std::string_view bytes, const std::string& path) {
    const auto found = bytes.find(before_digits);
    if (found == std::string_view::npos || bytes.size() < found + before_digits.size() + no_digits.size())
        throw FileError("state: expected a checksum, got none", path);
    const auto at = found + before_digits.size();
    const std::string wanted = digits_of(bytes.substr(0, at), bytes.substr(at + no_digits.size()));
    const auto got = bytes.substr(at, no_digits.size());
    if (got != wanted)
        throw FileError(fmt::format("state: expected the checksum {}, got {}", wanted, got), path, std::int64_t(at));
    State state;
    const SafetensorsFile file = parse_safetensors(bytes, path);
    for (auto& [name, value] : file.tensors) state.set(name, value);
    for (auto& [name, value] : file.metadata)
        if (name != "crc32c") state.set(name, value);
    return state;
}

}  // namespace xg
