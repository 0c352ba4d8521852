#include "idx.h"
#include "bytes.h"

namespace xg {

Tensor read_idx(const std::string& path) { return parse_idx(read_file(path), path); }
Tensor parse_idx(std::string_view bytes, const std::string& path) {
    ByteReader in(bytes, path);
    const auto magic = in.big32();
    const auto code = magic >> 8 & 0xff, rank = magic & 0xff;
    in.expect(magic >> 16 == 0 && (code == 0x08 || code == 0x0c || code == 0x0d || code == 0x0e),
              "idx: expected a magic number 0000 with type 08, 0c, 0d or 0e, got {:08x}", magic);
    in.expect(rank <= max_rank, "idx: expected at most {} axes, got {}", max_rank, rank);
    const DType dtype = code == 0x08 ? u8 : code == 0x0c ? i32 : code == 0x0d ? f32 : f64;
    Shape shape;
    std::int64_t size = std::int64_t(size_of(dtype));
    for (std::uint32_t a = 0; a < rank; ++a) {
        shape.push_back(in.big32());
        in.expect(shape.back() <= in.left() + std::int64_t(4 * rank) || shape.back() == 0,
                  "idx: expected extents that fit the file, got {}", shape.back());
        in.expect(!__builtin_mul_overflow(size, shape.back(), &size),
                  "idx: expected a size that fits the file, got shape {}", shape);
    }
    in.expect(size == in.left(), "idx: expected {} bytes of data for shape {}, got {}", size, shape, in.left());
    Tensor t = Tensor::empty(shape, dtype);
    detail::copy_bytes(t, in.take(size).data());
    if (size_of(dtype) == 4)
        for (std::int64_t i = 0; i < t.numel(); ++i)
            t.raw<std::uint32_t>()[i] = __builtin_bswap32(t.raw<std::uint32_t>()[i]);
    if (size_of(dtype) == 8)
        for (std::int64_t i = 0; i < t.numel(); ++i)
            t.raw<std::uint64_t>()[i] = __builtin_bswap64(t.raw<std::uint64_t>()[i]);
    return t;
}

}  // namespace xg
