#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>
#include "../tensor/random.h"
#include "csv.h"
#include "dataset.h"

namespace xg {

namespace detail {
struct StreamNode;
/// One pass over a stream.
struct Cursor {
    virtual ~Cursor() = default;
    virtual std::optional<Tensors> next() = 0;
    /// Leaves out the next n; what need not be computed for that is not.
    virtual void skip(std::int64_t n);
};
}  // namespace detail

struct MapOptions {
    int workers = 0;         // threads; 0: the caller's own. The order of the examples stays.
    std::uint64_t seed = 0;  // of the keys, for a function that takes one
};
struct ShuffleOptions {
    std::uint64_t seed = 0;
};
struct BatchingOptions {
    bool drop_remainder = false;
};
struct InterleaveOptions {
    int cycle = 4;  // streams read by turns
    int block = 1;  // examples from each before the next one's turn
};
struct FolderOptions {
    std::int64_t height = 0, width = 0;  // pictures are resized to this (nearest); 0: they must all be of one size
    int channels = 3;
    bool shuffle = true;  // the files, anew in each epoch
    std::uint64_t seed = 0;
};

/// Examples made when they are asked for, so that they need not fit into memory; each is a list of tensors, the targets
/// last. A stream is a recipe: pass(epoch) gives the same examples in the same order whenever it is called, for any
/// number of workers, and fit can go on in the middle of it.
class Stream {
public:
    /// Row by row.
    static Stream from(const Tensors& columns);
    template <class X, class Y> static Stream from(const Examples<X, Y>& data) {
        Tensors columns;
        const auto append = [&](const auto& part) {
            if constexpr (std::is_same_v<decltype(part), const Tensor&>) columns.push_back(part);
            else columns.insert(columns.end(), part.begin(), part.end());
        };
        append(data.x), append(data.y);
        return from(columns);
    }
    /// read(path) gives the example of a file.
    static Stream from_files(std::vector<std::string> paths, std::function<Tensors(const std::string&)> read);
    /// begin() gives a function that makes one example a call and nothing at the end; called once a pass.
    using Generator = std::function<std::optional<Tensors>()>;
    static Stream from_generator(std::function<Generator()> begin);
    /// Rows of a CSV file: all columns but `target` as one vector, then the target.
    static Stream from_csv(const std::string& path, const std::string& target, CsvOptions options = {});
    /// Pictures (height, width), 0 to 1, and their labels, from two IDX files.
    static Stream from_idx(const std::string& images, const std::string& labels);
    /// PNG and JPEG files in one folder a class: (height, width, channels), 0 to 1, and the class's number, classes in
    /// the order of their names. Throws FileError.
    static Stream from_folder(const std::string& folder, FolderOptions options = {});

    Stream map(std::function<Tensors(const Tensors&)> f, MapOptions options = {}) const;
    /// With a key for what is random in f: it depends on seed, epoch and position alone.
    Stream map(std::function<Tensors(const Tensors&, RandomKey)> f, MapOptions options = {}) const;
    Stream filter(std::function<bool(const Tensors&)> keep) const;
    /// n examples stacked, each tensor with a new first axis.
    Stream batch(std::int64_t n, BatchingOptions options = {}) const;
    /// The same, each tensor filled up to the largest of the batch.
    Stream padded_batch(std::int64_t n, double value = 0, BatchingOptions options = {}) const;
    /// Stacks of `size` examples that begin `shift` apart; a last one that is not full is left out.
    Stream window(std::int64_t size, std::int64_t shift = 1) const;
    /// Each example is taken at random from a buffer of this many: less than all of them is a shuffle in part.
    Stream shuffle(std::int64_t buffer, ShuffleOptions options = {}) const;
    /// Pass after pass; forever without a number.
    Stream repeat(std::int64_t times = -1) const;
    /// Keeps the examples of the first whole pass in memory.
    Stream cache() const;
    /// A thread prepares up to n examples ahead.
    Stream prefetch(int n = 2) const;
    /// Every count-th, from the index-th on.
    Stream shard(std::int64_t count, std::int64_t index) const;
    Stream take(std::int64_t n) const;
    Stream skip(std::int64_t n) const;
    /// Examples side by side: a's tensors, then b's; ends with the shorter.
    static Stream zip(const Stream& a, const Stream& b);
    /// The examples of the streams that `open` makes of this one's, by turns.
    Stream interleave(std::function<Stream(const Tensors&)> open, InterleaveOptions options = {}) const;

    class Pass {
    public:
        Pass(std::shared_ptr<const detail::StreamNode> node, std::unique_ptr<detail::Cursor> cursor)
            : node_(std::move(node)), cursor_(std::move(cursor)) {}
        std::optional<Tensors> next() { return cursor_->next(); }
        void skip(std::int64_t n) { cursor_->skip(n); }
        struct iterator {
            using value_type = Tensors;
            using difference_type = std::ptrdiff_t;
            Pass* pass;
            std::optional<Tensors> current;
            const Tensors& operator*() const { return *current; }
            iterator& operator++() {
                current = pass->next();
                return *this;
            }
            void operator++(int) { ++*this; }
            friend bool operator==(const iterator& i, std::default_sentinel_t) { return !i.current; }
        };
        iterator begin() { return {this, next()}; }
        std::default_sentinel_t end() const { return {}; }

    private:
        std::shared_ptr<const detail::StreamNode> node_;  // the cursor looks at it
        std::unique_ptr<detail::Cursor> cursor_;
    };
    Pass pass(std::uint64_t epoch = 0) const;
    /// How many examples a pass has; nothing if that is not known before.
    std::optional<std::int64_t> size() const;
    bool endless() const;
    /// Class names of from_folder.
    const std::vector<std::string>& classes() const { return classes_; }

private:
    explicit Stream(std::shared_ptr<const detail::StreamNode> node) : node_(std::move(node)) {}
    std::shared_ptr<const detail::StreamNode> node_;
    std::vector<std::string> classes_;
};

}  // namespace xg
