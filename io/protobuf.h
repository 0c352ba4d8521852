#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace xg {

/// A message in protocol buffers' wire format: a field is its number and wire type, then a varint, eight bytes, four
/// bytes, or a length and bytes.
class Message {
public:
    Message& integer(int field, std::int64_t value) {
        key(field, 0);
        varint(std::uint64_t(value));
        return *this;
    }
    Message& real(int field, double value) {
        key(field, 1);
        return raw(value);
    }
    Message& single(int field, float value) {
        key(field, 5);
        return raw(value);
    }
    Message& text(int field, std::string_view value) {
        key(field, 2);
        varint(value.size());
        bytes_ += value;
        return *this;
    }
    Message& message(int field, const Message& value) { return text(field, value.bytes_); }
    const std::string& bytes() const { return bytes_; }

private:
    void key(int field, unsigned wire_type) { varint(std::uint64_t(field) << 3 | wire_type); }
    void varint(std::uint64_t v) {
        for (; v >= 128; v >>= 7) bytes_ += char(v | 128);
        bytes_ += char(v);
    }
    template <class T> Message& raw(T value) {
        bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
        return *this;
    }
    std::string bytes_;
};

}  // namespace xg
