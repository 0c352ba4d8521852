#include "image.h"
#include <png.h>
#include <cstdio>
// jpeglib needs size_t and FILE declared before it.
#include <jpeglib.h>
#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <memory>
#include "bytes.h"

namespace xg {

namespace {
constexpr std::int64_t most_pixels = 1 << 28;
/// The most pixels that a byte of a file may stand for: deflate's best is 1032 bytes; a block of JPEG, 64 pixels, takes
/// at least a bit.
constexpr std::int64_t most_of_png = 1100, most_of_jpeg = 512;

constexpr png_uint_32 formats[] = {PNG_FORMAT_GRAY, PNG_FORMAT_GA, PNG_FORMAT_RGB, PNG_FORMAT_RGBA};

Tensor as_bytes(const Tensor& picture) {
    if (picture.dtype() == u8) return picture;
    return dispatch_float(picture.dtype(), "encode_png", [&]<class T> {
        Tensor out = Tensor::empty(picture.shape(), u8);
        for (std::int64_t i = 0; i < picture.numel(); ++i) {
            const T v = picture.raw<T>()[i];
            out.raw<std::uint8_t>()[i] = std::uint8_t(v > 0 ? std::lround(std::min(v, T(1)) * 255) : 0);
        }
        return out;
    });
}
/// Before memory is asked for.
Tensor picture_of(std::int64_t height, std::int64_t width, int channels, std::string_view bytes, std::int64_t a_byte,
                  const std::string& path) {
    const auto pixels = height * width;
    if (height <= 0 || width <= 0 || pixels > most_pixels || pixels / a_byte > std::int64_t(bytes.size()))
        throw FileError(
            fmt::format("image: expected a size that {} bytes can hold, got {} x {}", bytes.size(), width, height),
            path);
    return Tensor::empty({height, width, channels}, u8);
}

Tensor decode_png(std::string_view bytes, const std::string& path, int channels) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    const auto refuse = [&] {
        const std::string why = image.message;
        png_image_free(&image);
        throw FileError(fmt::format("png: expected a picture, got \"{}\"", why), path);
    };
    if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) refuse();
    if (channels == 0)
        channels = 1 + int(image.format & PNG_FORMAT_FLAG_ALPHA) + (image.format & PNG_FORMAT_FLAG_COLOR ? 2 : 0);
    image.format = formats[channels - 1];
    Tensor out;
    try {
        out = picture_of(image.height, image.width, channels, bytes, most_of_png, path);
    } catch (...) {
        png_image_free(&image);
        throw;
    }
    const png_color black{};
    if (!png_image_finish_read(&image, &black, out.raw<png_byte>(), 0, nullptr) || PNG_IMAGE_FAILED(image)) refuse();
    return out;
}

struct JpegErrors : jpeg_error_mgr {
    std::jmp_buf back;
    char message[JMSG_LENGTH_MAX];
};
/// The library reports errors by a jump: nothing here may need a destructor.
bool start_jpeg(jpeg_decompress_struct& jpeg, JpegErrors& errors, std::string_view bytes, int channels) {
    if (setjmp(errors.back)) return false;
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_read_header(&jpeg, TRUE);
    if (channels) jpeg.out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    else jpeg.out_color_space = jpeg.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_calc_output_dimensions(&jpeg);
    return true;
}
bool read_jpeg(jpeg_decompress_struct& jpeg, JpegErrors& errors, std::uint8_t* out) {
    if (setjmp(errors.back)) return false;
    jpeg_start_decompress(&jpeg);
    while (jpeg.output_scanline < jpeg.output_height) {
        JSAMPROW row = out + std::size_t(jpeg.output_scanline) * jpeg.output_width * unsigned(jpeg.output_components);
        jpeg_read_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_decompress(&jpeg);
    return true;
}
Tensor decode_jpeg(std::string_view bytes, const std::string& path, int channels) {
    jpeg_decompress_struct jpeg{};
    JpegErrors errors{};
    jpeg.err = jpeg_std_error(&errors);
    errors.error_exit = [](j_common_ptr info) {
        auto* own = static_cast<JpegErrors*>(info->err);
        info->err->format_message(info, own->message);
        std::longjmp(own->back, 1);
    };
    // A warning, as of a file that is cut, would leave grey where the picture should be.
    errors.emit_message = [](j_common_ptr info, int level) {
        if (level < 0) info->err->error_exit(info);
    };
    const std::unique_ptr<jpeg_decompress_struct, void (*)(jpeg_decompress_struct*)> end(&jpeg,
                                                                                         jpeg_destroy_decompress);
    const auto refuse = [&] {
        throw FileError(fmt::format("jpeg: expected a picture, got \"{}\"", errors.message), path);
    };
    if (!start_jpeg(jpeg, errors, bytes, channels)) refuse();
    const Tensor out =
        picture_of(jpeg.output_height, jpeg.output_width, jpeg.output_components, bytes, most_of_jpeg, path);
    if (!read_jpeg(jpeg, errors, out.raw<std::uint8_t>())) refuse();
    return out;
}
}  // namespace

std::string encode_png(const Tensor& picture) {
    const Shape& s = picture.shape();
    require((s.rank() == 2 || (s.rank() == 3 && 1 <= s[2] && s[2] <= 4)) && picture.numel() > 0,
            "encode_png: expected a picture (height, width) or (height, width, 1 to 4 channels), got {}", s);
    const Tensor values = as_bytes(picture);
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.height = png_uint_32(s[0]), image.width = png_uint_32(s[1]);
    image.format = formats[s.rank() == 2 ? 0 : s[2] - 1];
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    std::string out(size, '\0');
    const bool written = png_image_write_to_memory(&image, out.data(), &size, 0, values.raw<png_byte>(), 0, nullptr);
    require<std::runtime_error>(written, "encode_png: expected to pack the picture, got \"{}\"",
                                std::string(image.message));
    out.resize(size);
    return out;
}
void save_png(const std::string& path, const Tensor& picture) { write_file(path, encode_png(picture)); }
Tensor read_image(const std::string& path, int channels) { return decode_image(read_file(path), path, channels); }
Tensor decode_image(std::string_view bytes, const std::string& path, int channels) {
    require<std::invalid_argument>(channels == 0 || channels == 1 || channels == 3,
                                   "read_image: expected 0, 1 or 3 channels, got {}", channels);
    if (bytes.starts_with("\x89PNG")) return decode_png(bytes, path, channels);
    if (bytes.starts_with("\xff\xd8\xff")) return decode_jpeg(bytes, path, channels);
    throw FileError("image: expected PNG or JPEG, got another format", path, 0);
}

}  // namespace xg
