#include "summary_writer.h"
#include <algorithm>
#include <cmath>
#include <filesystem>
#include "../autograd/node.h"
#include "../autograd/ops/layout.h"
#include "../io/bytes.h"
#include "../io/clock.h"
#include "../io/event_file.h"
#include "../io/image.h"
#include "../io/protobuf.h"
#include "../tensor/create.h"
#include "graph_definition.h"
#include "pictures.h"

namespace xg {

namespace {
// Of TensorFlow's TensorProto and SummaryMetadata.
constexpr int dt_float = 1, dt_double = 2, dt_string = 7;
constexpr int tensor_data = 2, blob_data = 3;

Message shape_message(const Shape& shape) {
    Message m;
    for (const auto extent : shape) m.message(2, Message().integer(1, extent));
    return m;
}
Message tensor_message(const Tensor& t) {
    const std::string_view bytes(t.raw<char>(), std::size_t(t.numel()) * size_of(t.dtype()));
    return Message()
        .integer(1, t.dtype() == f64 ? dt_double : dt_float)
        .message(2, shape_message(t.shape()))
        .text(4, bytes);
}
Message strings_message(const std::vector<std::string>& strings, const Shape& shape) {
    Message m;
    m.integer(1, dt_string).message(2, shape_message(shape));
    for (const auto& s : strings) m.text(8, s);
    return m;
}
Message metadata(const char* plugin, const Message& content, int data_class) {
    return Message().message(1, Message().text(1, plugin).message(2, content)).integer(4, data_class);
}
Message value(const std::string& tag, const Message& about, const Message& tensor) {
    require<std::invalid_argument>(!tag.empty(), "SummaryWriter: expected a tag, got an empty one");
    return Message().text(1, tag).message(9, about).message(8, tensor);
}
/// google.protobuf.Value.
Message json_value(const HParam& v) {
    if (const bool* b = std::get_if<bool>(&v)) return Message().integer(4, *b);
    if (const double* d = std::get_if<double>(&v)) return Message().real(2, *d);
    return Message().text(3, std::get<std::string>(v));
}
}  // namespace

SummaryWriter::SummaryWriter(std::string folder)
    : folder_(std::move(folder)), file_(std::make_unique<EventFile>(folder_)) {}
SummaryWriter::~SummaryWriter() = default;
SummaryWriter::SummaryWriter(SummaryWriter&&) noexcept = default;
void SummaryWriter::flush() { file_->flush(); }

void SummaryWriter::scalar(const std::string& tag, double v, std::int64_t step) {
    require<std::invalid_argument>(!tag.empty(), "SummaryWriter: expected a tag, got an empty one");
    file_->scalar(tag, v, step);
}

namespace {
/// Rows (left, right, count). If all values are one, so are the edges, and the last row has them.
Tensor histogram_of(const Tensor& values, int buckets) {
    const Tensor x = values.detach().to(f64), out = zeros({buckets, 3}, f64);
    const double* const p = x.raw<double>();
    double low = INFINITY, high = -INFINITY;
    std::int64_t finite = 0;
    for (std::int64_t i = 0; i < x.numel(); ++i)
        if (std::isfinite(p[i])) low = std::min(low, p[i]), high = std::max(high, p[i]), ++finite;
    if (finite == 0) return zeros({0, 3}, f64);
    double* const rows = out.raw<double>();
    const double width = (high - low) / buckets;
    for (int b = 0; b < buckets; ++b) {
        rows[3 * b] = low + b * width;
        rows[3 * b + 1] = b + 1 == buckets ? high : low + (b + 1) * width;
    }
    for (std::int64_t i = 0; i < x.numel(); ++i)
        if (std::isfinite(p[i]))
            ++rows[3 * (width > 0 ? std::min(int((p[i] - low) / width), buckets - 1) : buckets - 1) + 2];
    return out;
}
}  // namespace
void SummaryWriter::histogram(const std::string& tag, const Tensor& values, std::int64_t step, int buckets) {
    require<std::invalid_argument>(buckets > 0, "histogram: expected buckets > 0, got {}", buckets);
    file_->value(value(tag, metadata("histograms", {}, tensor_data), tensor_message(histogram_of(values, buckets))),
                 step);
}

void SummaryWriter::image(const std::string& tag, const Tensor& pictures, std::int64_t step, std::int64_t most) {
    const bool several = pictures.rank() == 4;
    const Shape& s = pictures.shape();
    require(s.rank() >= 2 && s.rank() <= 4, "image: expected (height, width[, channels]) or several of them, got {}",
            s);
    std::vector<std::string> strings{std::to_string(s[several ? 2 : 1]), std::to_string(s[several ? 1 : 0])};
    if (!several) strings.push_back(encode_png(pictures));
    for (std::int64_t i = 0; several && i < std::min(most, s[0]); ++i) strings.push_back(encode_png(pictures[i]));
    const Shape shape{std::int64_t(strings.size())};
    file_->value(value(tag, metadata("images", {}, blob_data), strings_message(strings, shape)), step);
}
void SummaryWriter::text(const std::string& tag, const std::string& markdown, std::int64_t step) {
    file_->value(value(tag, metadata("text", {}, tensor_data), strings_message({markdown}, {})), step);
}

void SummaryWriter::pr_curve(const std::string& tag, const Tensor& labels, const Tensor& scores, std::int64_t step,
                             int thresholds) {
    require<std::invalid_argument>(thresholds > 1, "pr_curve: expected thresholds > 1, got {}", thresholds);
    require(labels.numel() == scores.numel(), "pr_curve: expected a label a score, got {} and {}", labels.shape(),
            scores.shape());
    const Tensor truth = labels.detach().to(f64), p = scores.detach().to(f64), out = zeros({6, thresholds});
    const auto n = std::size_t(thresholds);
    std::vector<double> positive(n), negative(n);  // of scores between a threshold and the next
    for (std::int64_t i = 0; i < p.numel(); ++i) {
        const double score = p.raw<double>()[i];
        require<std::invalid_argument>(0 <= score && score <= 1, "pr_curve: expected scores in [0, 1], got {}", score);
        ++(truth.raw<double>()[i] > 0.5 ? positive : negative)[std::size_t(score * (thresholds - 1))];
    }
    float* const rows = out.raw<float>();
    double tp = 0, fp = 0;
    double all_positive = 0, all_negative = 0;
    for (std::size_t t = 0; t < n; ++t) all_positive += positive[t], all_negative += negative[t];
    for (std::size_t t = n; t-- > 0;) {  // at least this score counts as positive
        tp += positive[t], fp += negative[t];
        const double precision = tp / std::max(tp + fp, 1e-7), recall = tp / std::max(all_positive, 1e-7);
        const double column[] = {tp, fp, all_negative - fp, all_positive - tp, precision, recall};
        for (std::size_t r = 0; r < 6; ++r) rows[r * n + t] = float(column[r]);
    }
    file_->value(value(tag, metadata("pr_curves", Message().integer(2, thresholds), tensor_data), tensor_message(out)),
                 step);
}

void SummaryWriter::hparams(const std::map<std::string, HParam>& settings,
                            const std::vector<std::string>& metric_tags) {
    Message experiment, start, end;
    experiment.real(3, detail::date());
    for (const auto& [name, v] : settings) {
        const int type = 1 + int(std::holds_alternative<bool>(v)) + 2 * int(std::holds_alternative<double>(v));
        experiment.message(4, Message().text(1, name).integer(4, type));
        start.message(1, Message().text(1, name).message(2, json_value(v)));
    }
    for (const auto& tag : metric_tags) experiment.message(5, Message().message(1, Message().text(2, tag)));
    start.real(5, detail::date());
    end.integer(1, 1).real(2, detail::date());
    const auto write = [&](const char* tag, int field, const Message& content) {
        const Message about = metadata("hparams", Message().message(field, content), tensor_data);
        file_->value(value(tag, about, tensor_message(zeros({}))), 0);
    };
    write("_hparams_/experiment", 2, experiment);
    write("_hparams_/session_start_info", 3, start);
    write("_hparams_/session_end_info", 4, end);
}

void SummaryWriter::embedding(const std::string& tag, const Tensor& rows, const std::vector<std::string>& labels,
                              const Tensor& pictures) {
    require(rows.rank() == 2, "embedding: expected rows (n, dimensions), got {}", rows.shape());
    const auto n = rows.shape()[0], width = rows.shape()[1];
    require<std::invalid_argument>(labels.empty() || std::int64_t(labels.size()) == n,
                                   "embedding: expected a label a row, {}, got {}", n, labels.size());
    require(!pictures.defined() || (pictures.rank() >= 3 && pictures.shape()[0] == n),
            "embedding: expected a picture a row, {}, got {}", n, pictures.defined() ? pictures.shape() : Shape{});
    std::string name = tag;
    std::ranges::replace(name, '/', '_');
    const auto path = [&](const char* kind) { return fmt::format("{}/{}_{}", folder_, name, kind); };
    const Tensor values = rows.detach().to(f64);
    std::string table, words;
    for (std::int64_t i = 0; i < values.numel(); ++i)
        table += fmt::format("{:.9g}{}", values.raw<double>()[i], (i + 1) % width ? '\t' : '\n');
    write_file(path("vectors.tsv"), table);
    projector_ += fmt::format("embeddings {{\n  tensor_name: \"{}\"\n  tensor_path: \"{}_vectors.tsv\"\n", tag, name);
    for (std::string label : labels) {
        for (char& c : label)
            if (c == '\n' || c == '\t') c = ' ';
        words += label + "\n";
    }
    if (!labels.empty()) {
        write_file(path("labels.tsv"), words);
        projector_ += fmt::format("  metadata_path: \"{}_labels.tsv\"\n", name);
    }
    if (pictures.defined()) {
        // A square of pictures, row by row, as the projector wants it.
        save_png(path("sprite.png"), image_grid(pictures, std::int64_t(std::ceil(std::sqrt(double(n)))), 0));
        projector_ += fmt::format(
            "  sprite {{\n    image_path: \"{}_sprite.png\"\n    single_image_dim: {}\n    single_image_dim: {}\n  "
            "}}\n",
            name, pictures.shape()[2], pictures.shape()[1]);
    }
    projector_ += "}\n";
    write_file(folder_ + "/projector_config.pbtxt", projector_);
}

void SummaryWriter::graph(Module& module, const Tensors& example) {
    file_->graph(detail::graph_definition(module, example));
}

}  // namespace xg
