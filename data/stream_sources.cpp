#include <algorithm>
#include <cctype>
#include <filesystem>
#include "../autograd/node.h"
#include "../autograd/ops/arithmetic.h"
#include "../autograd/ops/indexing.h"
#include "../io/idx.h"
#include "../io/image.h"
#include "stream_node.h"

namespace xg {

using namespace detail;

namespace {
namespace fs = std::filesystem;

/// Examples by number, so that any may be left out for nothing; in another order each epoch if wanted.
struct Numbered : StreamNode {
    std::int64_t count;
    std::function<Tensors(std::int64_t)> example;
    bool shuffled = false;
    std::uint64_t seed = 0;
    struct Reading : Cursor {
        const Numbered& node;
        Tensor order;
        std::int64_t at = 0;
        explicit Reading(const Numbered& n) : node(n) {}
        std::optional<Tensors> next() override {
            if (at >= node.count) return {};
            const auto i = at++;
            return node.example(order.defined() ? order.raw<std::int64_t>()[i] : i);
        }
        void skip(std::int64_t n) override { at = std::min(at + n, node.count); }
    };
    Numbered(std::int64_t n, std::function<Tensors(std::int64_t)> f) : count(n), example(std::move(f)) {}
    std::unique_ptr<Cursor> start(std::uint64_t epoch) const override {
        auto reading = std::make_unique<Reading>(*this);
        if (shuffled) reading->order = permutation(RandomKey{seed, epoch}, count);
        return reading;
    }
    std::int64_t size() const override { return count; }
};
struct Generated : StreamNode {
    std::function<Stream::Generator()> begin;
    struct Reading : Cursor {
        Stream::Generator make;
        std::optional<Tensors> next() override { return make(); }
    };
    std::unique_ptr<Cursor> start(std::uint64_t) const override {
        auto reading = std::make_unique<Reading>();
        reading->make = begin();
        return reading;
    }
    std::int64_t size() const override { return unknown_size; }
};
/// The nearest pixels; (height, width, channels).
Tensor resized(const Tensor& x, std::int64_t height, std::int64_t width) {
    const auto h = x.shape()[0], w = x.shape()[1];
    if ((h == height && w == width) || height == 0 || width == 0) return x;
    const auto nearest = [](std::int64_t to, std::int64_t from) {
        const Tensor index = Tensor::empty({to}, i64);
        for (std::int64_t i = 0; i < to; ++i) index.raw<std::int64_t>()[i] = (2 * i + 1) * from / (2 * to);
        return index;
    };
    return xg::take(xg::take(x, nearest(height, h), 0), nearest(width, w), 1);
}
Tensor label(std::int64_t n) {
    Tensor t = Tensor::empty({}, i64);
    *t.raw<std::int64_t>() = n;
    return t;
}
}  // namespace

Stream Stream::from(const Tensors& columns) {
    require<std::invalid_argument>(!columns.empty(), "Stream: expected at least one tensor, got none");
    for (const Tensor& c : columns)
        require(c.defined() && c.rank() > 0 && c.shape()[0] == columns[0].shape()[0],
                "Stream: expected tensors of equal length, got {} and {}", columns[0].shape(),
                c.defined() ? c.shape() : Shape{});
    return Stream(std::make_shared<Numbered>(columns[0].shape()[0], [columns](std::int64_t i) {
        Tensors row;
        for (const Tensor& c : columns) {
            const Shape shape(c.shape().begin() + 1, c.shape().end());
            row.push_back(c.window(shape, i * shape.numel()));
        }
        return row;
    }));
}
Stream Stream::from_files(std::vector<std::string> paths, std::function<Tensors(const std::string&)> read) {
    const auto n = std::int64_t(paths.size());
    return Stream(std::make_shared<Numbered>(n, [all_paths = std::move(paths), read = std::move(read)](std::int64_t i) {
        return read(all_paths[std::size_t(i)]);
    }));
}
Stream Stream::from_generator(std::function<Generator()> begin) {
    auto node = std::make_shared<Generated>();
    node->begin = std::move(begin);
    return Stream(node);
}
Stream Stream::from_csv(const std::string& path, const std::string& target, CsvOptions options) {
    const CsvTable table = read_csv(path, std::move(options));
    return from(Tensors{table.features({target}), table[target]});
}
Stream Stream::from_idx(const std::string& images, const std::string& labels) {
    const Tensor pictures = read_idx(images), y = read_idx(labels).to(i64);
    return from(Tensors{pictures, y}).map([](const Tensors& x) {
        const NoGrad unrecorded;
        return Tensors{x[0].to(f32) / 255, x[1]};
    });
}
Stream Stream::from_folder(const std::string& folder, FolderOptions options) {
    std::error_code failed;
    std::vector<std::string> classes;
    for (const auto& entry : fs::directory_iterator(folder, failed))
        if (entry.is_directory()) classes.push_back(entry.path().filename());
    if (failed || classes.empty())
        throw FileError("Stream: expected a folder with a folder for each class, got none", folder);
    std::ranges::sort(classes);
    std::vector<std::pair<std::string, std::int64_t>> files;
    for (std::size_t c = 0; c < classes.size(); ++c)
        for (const auto& entry : fs::directory_iterator(fs::path(folder) / classes[c])) {
            std::string ending = entry.path().extension();
            std::ranges::transform(ending, ending.begin(), [](unsigned char l) { return std::tolower(l); });
            if (ending == ".png" || ending == ".jpg" || ending == ".jpeg")
                files.emplace_back(entry.path(), std::int64_t(c));
        }
    if (files.empty()) throw FileError("Stream: expected PNG or JPEG files, got none", folder);
    std::ranges::sort(files);
    const auto count = std::int64_t(files.size());
    auto node = std::make_shared<Numbered>(count, [=](std::int64_t i) {
        const NoGrad unrecorded;
        const auto& [path, number] = files[std::size_t(i)];
        const Tensor picture = read_image(path, options.channels);
        return Tensors{resized(picture, options.height, options.width).to(f32) / 255, label(number)};
    });
    node->shuffled = options.shuffle, node->seed = options.seed;
    Stream stream(node);
    stream.classes_ = std::move(classes);
    return stream;
}

}  // namespace xg
