#pragma once
// JSON. <nlohmann/json.hpp>, which reads and writes the text, costs seconds to compile: only json.cpp includes it.
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace xg {

/// A text that is no JSON, or a value of another kind than expected.
struct JsonError : std::invalid_argument {
    explicit JsonError(const std::string& what, std::int64_t at = 0) : std::invalid_argument(what), byte(at) {}
    std::int64_t byte;  // of the text, at which it was noticed
};

/// A value: null, a bool, a number, a string, an array or an object. An object's names stay in the order they came in;
/// what is added to an array or object moves what was in it. A whole number beyond int64 is a double.
class Json {
public:
    using Array = std::vector<Json>;
    using Object = std::vector<std::pair<std::string, Json>>;

    Json(std::nullptr_t = nullptr) {}
    template <std::same_as<bool> B> Json(B b) : value_(b) {}
    template <std::integral I>
    requires(!std::same_as<I, bool>) Json(I i) {
        if (std::in_range<std::int64_t>(i)) value_ = std::int64_t(i);
        else value_ = double(i);
    }
    template <std::floating_point F> Json(F f) : value_(double(f)) {}
    Json(std::string s);
    Json(std::string_view s);
    Json(const char* s);
    Json(Array list);
    Json(Object fields);
    template <class T> Json(const std::vector<T>& list) : value_(Array(list.begin(), list.end())) {}
    template <class T> Json(const std::map<std::string, T>& fields) : value_(Object(fields.begin(), fields.end())) {}
    /// {1, 2} is an array, {{"a", 1}, {"b", 2}} an object.
    Json(std::initializer_list<Json> list);
    Json(const Json& o);
    Json(Json&& o) noexcept;
    ~Json();
    Json& operator=(Json o) noexcept;
    static Json array() { return Array(); }
    static Json object() { return Object(); }

    /// Throws JsonError, also where arrays and objects nest deeper than `deepest` (what reads them calls itself), and
    /// where an object has a name twice.
    static Json parse(std::string_view text);
    static constexpr int deepest = 200;
    /// The text, with an indent in lines of their own. What no JSON can hold, NaN and infinities, is null.
    std::string dump(int indent = -1) const;

    bool is_null() const { return is<std::nullptr_t>(); }
    bool is_boolean() const { return is<bool>(); }
    bool is_integer() const { return is<std::int64_t>(); }
    bool is_number() const { return is<std::int64_t>() || is<double>(); }
    bool is_string() const { return is<std::string>(); }
    bool is_array() const { return is<Array>(); }
    bool is_object() const { return is<Object>(); }

    /// The value, if it is of this kind; else throws. A whole number is one with a point, too: 2.0.
    bool boolean() const;
    std::int64_t integer() const;
    double number() const;
    const std::string& string() const;
    const Object& items() const;
    /// The same by type; of an array std::vector<T>.
    template <class T> T get() const {
        if constexpr (std::same_as<T, Json>) return *this;
        else if constexpr (std::same_as<T, bool>) return boolean();
        else if constexpr (std::integral<T>) return whole<T>();
        else if constexpr (std::floating_point<T>) return T(number());
        else if constexpr (std::same_as<T, std::string>) return string();
        else {
            T list;
            for (const Json& each : *this) list.push_back(each.template get<typename T::value_type>());
            return list;
        }
    }

    /// Of an array or an object, null being an empty one.
    std::size_t size() const;
    bool empty() const { return size() == 0; }
    /// The elements of an array; null has none.
    const Json* begin() const { return elements().data(); }
    const Json* end() const { return begin() + elements().size(); }
    Json* begin() { return const_cast<Json*>(std::as_const(*this).begin()); }
    Json* end() { return const_cast<Json*>(std::as_const(*this).end()); }
    const Json& at(std::size_t i) const;
    const Json& operator[](std::size_t i) const { return at(i); }
    Json& operator[](std::size_t i) { return const_cast<Json&>(at(i)); }
    Json& back() { return (*this)[size() - 1]; }
    /// Null becomes an array.
    void push_back(Json element);

    /// Of an object: throws where the name is missing, or adds it; null becomes an object.
    const Json& at(std::string_view name) const;
    Json& operator[](std::string_view name);
    const Json& operator[](std::string_view name) const { return at(name); }
    /// Null pointer if there is no such name.
    const Json* find(std::string_view name) const;
    bool contains(std::string_view name) const { return find(name); }
    void erase(std::string_view name);
    template <class T> T value(std::string_view name, T otherwise) const {
        const Json* found = find(name);
        return found ? found->get<T>() : otherwise;
    }
    std::string value(std::string_view name, const char* otherwise) const {
        return value(name, std::string(otherwise));
    }

    /// Numbers by their values, objects whatever the order of their names.
    friend bool operator==(const Json& a, const Json& b);
    friend std::ostream& operator<<(std::ostream& out, const Json& j);

private:
    template <class T> bool is() const { return std::holds_alternative<T>(value_); }
    template <class T> T whole() const {
        const std::int64_t i = integer();
        if (!std::in_range<T>(i)) throw JsonError("expected a number that fits, got " + std::to_string(i));
        return T(i);
    }
    const Array& elements() const;

    std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> value_;
};

}  // namespace xg
