#include "npy.h"
#include <algorithm>
#include <optional>
#include <xtl/xhalf_float.hpp>
#include "../autograd/ops/layout.h"
#include "bytes.h"
#include "npy_format.h"

namespace xg {

namespace {
constexpr std::int64_t longest_header = 10'000;  // NumPy's own limit

const char* descr_of(DType d) {
    constexpr const char* names[] = {"<f4", "<f8", "<i4", "<i8", "|u1", "|b1"};
    return names[int(d)];
}

/// The header's dictionary: 'descr', 'fortran_order' and 'shape', in any order, and nothing else.
class Header {
public:
    Header(std::string_view text, const ByteReader& in) : text_(text), in_(in) {
        expect('{');
        while (!accept('}')) {
            const std::string key = word();
            expect(':');
            if (key == "descr") set(descr, word());
            else if (key == "fortran_order") set(fortran, truth());
            else if (key == "shape") set(shape, extents());
            else refuse("one of the keys descr, fortran_order and shape", key);
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        in_.expect(descr && fortran && shape && rest().empty(),
                   "npy: expected a header with descr, fortran_order and shape, got \"{}\"", std::string(text_));
    }
    std::optional<std::string> descr;
    std::optional<bool> fortran;
    std::optional<Shape> shape;

private:
    template <class T> void set(std::optional<T>& field, T value) {
        in_.expect(!field, "npy: expected each key of the header once, got \"{}\"", std::string(text_));
        field = std::move(value);
    }
    std::string_view rest() {
        at_ = std::min(text_.find_first_not_of(" \n", at_), text_.size());
        return text_.substr(at_);
    }
    [[noreturn]] void refuse(const char* what, const std::string& got) const {
        in_.expect(false, "npy: expected {} in the header, got \"{}\"", std::string(what), got);
        __builtin_unreachable();
    }
    bool accept(char c) {
        if (!rest().starts_with(c)) return false;
        ++at_;
        return true;
    }
    void expect(char c) {
        if (!accept(c)) refuse(std::string{c}.c_str(), std::string(rest().substr(0, 20)));
    }
    std::string word() {
        const char quote = rest().empty() ? 0 : text_[at_];
        if (quote != '\'' && quote != '"') refuse("a plain name in quotes", std::string(rest().substr(0, 20)));
        const auto end = text_.find(quote, at_ + 1);
        if (end == text_.npos) refuse("a closing quote", std::string(rest().substr(0, 20)));
        const std::string value(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return value;
    }
    bool truth() {
        for (const std::string_view value : {"True", "False"})
            if (rest().starts_with(value)) {
                at_ += value.size();
                return value == "True";
            }
        refuse("True or False", std::string(rest().substr(0, 20)));
    }
    Shape extents() {
        Shape all_extents;
        expect('(');
        while (!accept(')')) {
            std::int64_t n = 0;
            const auto begin = rest().data();
            while (!rest().empty() && text_[at_] >= '0' && text_[at_] <= '9') {
                if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, text_[at_] - '0', &n))
                    refuse("an extent below 2^63", std::string(rest().substr(0, 20)));
                ++at_;
                if (at_ < text_.size() && text_[at_] == ' ') break;
            }
            if (text_.data() + at_ == begin || n >= std::int64_t(1) << 40)
                refuse("extents of at most 2^40", std::string(rest().substr(0, 20)));
            accept('L');  // Python 2 wrote 3L
            in_.expect(all_extents.rank() < max_rank, "npy: expected at most {} axes, got more", max_rank);
            all_extents.push_back(n);
            if (!accept(',')) {
                expect(')');
                break;
            }
        }
        return all_extents;
    }

    std::string_view text_;
    const ByteReader& in_;
    std::size_t at_ = 0;
};

/// Elements of From, in the file's byte order, as the tensor's own.
template <class From> void convert(Tensor& t, std::string_view bytes, bool swapped) {
    dispatch(t.dtype(), [&]<class To> {
        for (std::int64_t i = 0; i < t.numel(); ++i) {
            char element[sizeof(From)];
            std::memcpy(element, bytes.data() + i * std::int64_t(sizeof(From)), sizeof(From));
            if (swapped) std::reverse(element, element + sizeof(From));
            From value;
            std::memcpy(static_cast<void*>(&value), element, sizeof(From));
            if constexpr (std::is_same_v<From, xtl::half_float>) t.raw<To>()[i] = To(float(value));
            else t.raw<To>()[i] = To(value);
        }
    });
}
struct Kind {
    const char* name;
    std::int64_t size;
    DType to;
    void (*read)(Tensor&, std::string_view, bool);
};
constexpr Kind kinds[] = {{"f4", 4, f32, convert<float>},           {"f8", 8, f64, convert<double>},
                          {"f2", 2, f32, convert<xtl::half_float>}, {"i8", 8, i64, convert<std::int64_t>},
                          {"i4", 4, i32, convert<std::int32_t>},    {"i2", 2, i32, convert<std::int16_t>},
                          {"i1", 1, i32, convert<std::int8_t>},     {"u1", 1, u8, convert<std::uint8_t>},
                          {"u2", 2, i32, convert<std::uint16_t>},   {"u4", 4, i64, convert<std::uint32_t>},
                          {"b1", 1, boolean, convert<std::uint8_t>}};
}  // namespace

Tensor parse_npy(std::string_view bytes, const std::string& path) {
    ByteReader in(bytes, path);
    in.expect(in.left() >= 8 && in.take(6) == "\x93NUMPY",
              "npy: expected the file to begin with \\x93NUMPY, got another");
    const auto major = in.little<std::uint8_t>();
    in.little<std::uint8_t>();
    in.expect(1 <= major && major <= 3, "npy: expected version 1, 2 or 3, got {}", major);
    const std::int64_t length = major == 1 ? in.little<std::uint16_t>() : in.little<std::uint32_t>();
    in.expect(length <= longest_header, "npy: expected a header of at most {} bytes, got {}", longest_header, length);
    const Header header(in.take(length), in);
    const std::string& descr = *header.descr;
    const auto kind =
        std::ranges::find_if(kinds, [&](const Kind& k) { return descr.size() == 3 && descr.substr(1) == k.name; });
    in.expect(kind != std::end(kinds) && std::string_view("<>|=").find(descr[0]) != std::string_view::npos,
              "npy: expected numbers or bools of up to 64 bits, got descr \"{}\"", descr);
    std::int64_t size = kind->size;
    for (auto extent : *header.shape)
        in.expect(!__builtin_mul_overflow(size, extent, &size), "npy: expected a size that fits the file, got shape {}",
                  *header.shape);
    in.expect(size == in.left(), "npy: expected {} bytes of data for shape {}, got {}", size, *header.shape, in.left());
    Shape shape = *header.shape;
    if (*header.fortran) std::reverse(&shape[0], &shape[0] + shape.rank());
    Tensor t = Tensor::empty(shape, kind->to);
    kind->read(t, in.take(size), descr[0] == '>');
    return *header.fortran ? transpose(t) : t;
}

std::string format_npy(const Tensor& x) {
    std::string header =
        fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", descr_of(x.dtype()), x.shape());
    const std::size_t before = 6 + 2 + 2;
    header.resize((before + header.size() + 1 + 63) / 64 * 64 - before - 1, ' ');
    header += '\n';
    const auto length = std::uint16_t(header.size());
    std::string out("\x93NUMPY\x01\x00", 8);
    out.append(reinterpret_cast<const char*>(&length), 2);
    out += header;
    return out.append(x.raw<char>(), std::size_t(x.numel()) * size_of(x.dtype()));
}

Tensor load_npy(const std::string& path) { return parse_npy(read_file(path), path); }
void save_npy(const std::string& path, const Tensor& x) { write_file(path, format_npy(x)); }

}  // namespace xg
