#include "json.h"
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>
#include "error.h"

namespace xg {

namespace {
using nlohmann::ordered_json;

/// Takes what the parser reads.
class Builder {
public:
    explicit Builder(std::string_view text) : text_(text) {}
    Json& root() { return open_.at(0).array.at(0); }

    bool null() { return add(nullptr); }
    bool boolean(bool b) { return add(b); }
    bool number_integer(std::int64_t i) { return add(i); }
    bool number_unsigned(std::uint64_t u) { return add(u); }
    bool number_float(double x, const std::string&) { return add(x); }
    bool string(std::string& s) { return add(std::move(s)); }
    bool binary(const ordered_json::binary_t&) { return false; }
    bool start_array(std::size_t) { return begin(false); }
    bool start_object(std::size_t) { return begin(true); }
    bool key(std::string& name) {
        open_.back().name = std::move(name);
        return true;
    }
    bool end_array() {
        Json array = std::move(open_.back().array);
        open_.pop_back();
        return add(std::move(array));
    }
    bool end_object() {
        Json::Object fields = std::move(open_.back().fields);
        std::vector<std::string_view> names;
        for (const auto& field : fields) names.push_back(field.first);
        std::ranges::sort(names);
        const auto twice = std::ranges::adjacent_find(names);
        if (twice != names.end()) {
            const auto at = text_.rfind(fmt::format("\"{}\"", *twice));
            throw JsonError(fmt::format("expected each name once, got \"{}\" twice", *twice),
                            at == std::string_view::npos ? 0 : std::int64_t(at));
        }
        open_.pop_back();
        return add(std::move(fields));
    }
    bool parse_error(std::size_t byte, const std::string&, const ordered_json::exception& e) {
        std::string_view what = e.what();  // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
        what.remove_prefix(std::min(what.find(' ') + 1, what.size()));
        throw JsonError(fmt::format("expected JSON, got a {}", what), std::int64_t(byte) - (byte > 0));
    }

private:
    struct Level {
        bool is_object = false;
        std::string name = {};  // of the field that comes next
        Json::Array array = {};
        Json::Object fields = {};
    };
    bool begin(bool object) {
        require<JsonError>(open_.size() <= Json::deepest, "expected JSON nested at most {} deep, got more",
                           Json::deepest);
        open_.push_back({object});
        return true;
    }
    bool add(Json value) {
        Level& level = open_.back();
        if (level.is_object) level.fields.emplace_back(std::move(level.name), std::move(value));
        else level.array.push_back(std::move(value));
        return true;
    }
    std::string_view text_;
    std::vector<Level> open_{{}};
};

ordered_json written(const Json& j) {
    if (j.is_null()) return nullptr;
    if (j.is_boolean()) return j.boolean();
    if (j.is_integer()) return j.integer();
    if (j.is_number()) return j.number();
    if (j.is_string()) return j.string();
    if (j.is_array()) {
        auto out = ordered_json::array();
        for (const Json& each : j) out.push_back(written(each));
        return out;
    }
    auto out = ordered_json::object();
    for (const auto& [name, value] : j.items()) out.push_back({name, written(value)});
    return out;
}
[[noreturn]] void refuse(const char* expected, const Json& got) {
    fail<JsonError>("expected {}, got {}", expected, got.dump());
}
}  // namespace

Json::Json(std::string s) : value_(std::move(s)) {}
Json::Json(std::string_view s) : value_(std::string(s)) {}
Json::Json(const char* s) : value_(std::string(s)) {}
Json::Json(Array list) : value_(std::move(list)) {}
Json::Json(Object fields) : value_(std::move(fields)) {}
Json::Json(const Json& o) = default;
Json::Json(Json&& o) noexcept = default;
Json::~Json() = default;
Json& Json::operator=(Json o) noexcept {
    value_.swap(o.value_);
    return *this;
}
Json::Json(std::initializer_list<Json> list) {
    const auto field = [](const Json& each) { return each.is_array() && each.size() == 2 && each[0].is_string(); };
    if (!std::ranges::all_of(list, field)) {
        value_ = Array(list);
        return;
    }
    Object fields;
    for (const Json& each : list) fields.emplace_back(each[0].string(), each[1]);
    value_ = std::move(fields);
}
Json Json::parse(std::string_view text) {
    Builder builder(text);
    ordered_json::sax_parse(text, &builder);
    return std::move(builder.root());
}
std::string Json::dump(int indent) const {
    try {
        return written(*this).dump(indent);
    } catch (const ordered_json::exception& e) { throw JsonError(fmt::format("expected text in UTF-8: {}", e.what())); }
}

bool Json::boolean() const {
    if (const auto* b = std::get_if<bool>(&value_)) return *b;
    refuse("a bool", *this);
}
std::int64_t Json::integer() const {
    if (const auto* i = std::get_if<std::int64_t>(&value_)) return *i;
    if (const auto* x = std::get_if<double>(&value_); x && *x == std::trunc(*x) && std::fabs(*x) < 0x1p63)
        return std::int64_t(*x);
    refuse("a whole number", *this);
}
double Json::number() const {
    if (const auto* i = std::get_if<std::int64_t>(&value_)) return double(*i);
    if (const auto* x = std::get_if<double>(&value_)) return *x;
    refuse("a number", *this);
}
const std::string& Json::string() const {
    if (const auto* s = std::get_if<std::string>(&value_)) return *s;
    refuse("a string", *this);
}
const Json::Object& Json::items() const {
    if (const auto* fields = std::get_if<Object>(&value_)) return *fields;
    refuse("an object", *this);
}
const Json::Array& Json::elements() const {
    static const Array none;
    if (const auto* list = std::get_if<Array>(&value_)) return *list;
    if (is_null()) return none;
    refuse("a list", *this);
}

std::size_t Json::size() const { return is_object() ? items().size() : elements().size(); }
const Json& Json::at(std::size_t i) const {
    require<JsonError>(i < elements().size(), "expected at least {} elements, got {}", i + 1, elements().size());
    return elements()[i];
}
void Json::push_back(Json element) {
    if (is_null()) value_ = Array();
    const_cast<Array&>(elements()).push_back(std::move(element));
}

const Json* Json::find(std::string_view name) const {
    const auto* fields = std::get_if<Object>(&value_);
    if (!fields) return nullptr;
    const auto found = std::ranges::find(*fields, name, &Object::value_type::first);
    return found == fields->end() ? nullptr : &found->second;
}
const Json& Json::at(std::string_view name) const {
    const Json* found = find(name);
    require<JsonError>(found, "expected \"{}\", got none", name);
    return *found;
}
Json& Json::operator[](std::string_view name) {
    if (const Json* found = find(name)) return const_cast<Json&>(*found);
    if (is_null()) value_ = Object();
    return const_cast<Object&>(items()).emplace_back(std::string(name), nullptr).second;
}
void Json::erase(std::string_view name) {
    std::erase_if(const_cast<Object&>(items()), [&](const auto& field) { return field.first == name; });
}

bool operator==(const Json& a, const Json& b) {
    if (a.is_number() && b.is_number() && a.value_.index() != b.value_.index()) return a.number() == b.number();
    if (!a.is_object() || !b.is_object()) return a.value_ == b.value_;
    return a.size() == b.size() && std::ranges::all_of(a.items(), [&](const auto& field) {
               const Json* other = b.find(field.first);
               return other && *other == field.second;
           });
}
std::ostream& operator<<(std::ostream& out, const Json& j) { return out << j.dump(); }

}  // namespace xg
