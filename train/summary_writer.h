#pragma once
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>
#include "../tensor/tensor.h"

namespace xg {

class EventFile;
class Model;
class Module;

/// A setting that a run was made with.
using HParam = std::variant<bool, double, std::string>;

/// What TensorBoard shows of a loop of your own. One folder is one run; a tag with slashes is shown in groups. Throws
/// FileError if the files cannot be written, std::invalid_argument for an empty tag.
class SummaryWriter {
public:
    explicit SummaryWriter(std::string folder);
    ~SummaryWriter();
    SummaryWriter(SummaryWriter&&) noexcept;

    void scalar(const std::string& tag, double value, std::int64_t step);
    /// How the finite ones of the values are spread, in `buckets` of one width.
    void histogram(const std::string& tag, const Tensor& values, std::int64_t step, int buckets = 30);
    /// A picture (height, width) or (height, width, channels), or several (n, height, width, channels), the first
    /// `most` of them; uint8, or 0 to 1.
    void image(const std::string& tag, const Tensor& pictures, std::int64_t step, std::int64_t most = 3);
    /// Markdown.
    void text(const std::string& tag, const std::string& markdown, std::int64_t step);
    /// Precision and recall of scores in [0, 1] for labels 0 and 1, at `thresholds` places between.
    void pr_curve(const std::string& tag, const Tensor& labels, const Tensor& scores, std::int64_t step,
                  int thresholds = 201);
    /// The settings of this run, and the tags of the scalars to compare runs by. Once a run.
    void hparams(const std::map<std::string, HParam>& settings, const std::vector<std::string>& metric_tags);
    /// Rows (n, dimensions) for the projector; a label a row, and pictures (n, height, width[, channels]) if given.
    void embedding(const std::string& tag, const Tensor& rows, const std::vector<std::string>& labels = {},
                   const Tensor& pictures = {});
    /// The operations that make the module's output from `example`, grouped by layers. Runs it, in inference mode.
    void graph(Module& module, const Tensors& example);
    void flush();
    const std::string& folder() const { return folder_; }
    EventFile& file() { return *file_; }

private:
    std::string folder_;
    std::unique_ptr<EventFile> file_;
    std::string projector_;  // what its configuration lists so far
};

}  // namespace xg
