#pragma once
#include <iterator>
#include "dataset.h"

namespace xg {

struct LoaderOptions {
    std::int64_t batch_size = 32;
    bool shuffle = false;
    std::uint64_t seed = 0;
    bool drop_remainder = false;
};

/// `for (auto [x, y] : DataLoader(train, {.batch_size = 10, .shuffle = true}))`. Each pass over the same loader is the
/// next epoch: its order depends on (seed, epoch) alone. epoch(k) gives the pass k again.
template <class X, class Y = Tensor> class Loader {
public:
    explicit Loader(Examples<X, Y> data, LoaderOptions options = {});

    class iterator {
    public:
        using value_type = Examples<X, Y>;
        using difference_type = std::ptrdiff_t;
        iterator(const Loader& loader, std::int64_t epoch);
        Examples<X, Y> operator*() const;
        iterator& operator++() {
            ++batch_;
            return *this;
        }
        void operator++(int) { ++batch_; }
        friend bool operator==(const iterator& i, std::default_sentinel_t) { return i.batch_ == i.loader_->batches(); }

    private:
        const Loader* loader_;
        Tensor order_;
        std::int64_t batch_ = 0;
    };
    class Pass {
    public:
        Pass(Loader loader, std::int64_t k) : loader_(std::move(loader)), epoch_(k) {}
        iterator begin() const { return {loader_, epoch_}; }
        std::default_sentinel_t end() const { return {}; }

    private:
        Loader loader_;
        std::int64_t epoch_;
    };
    /// One pass; it holds the loader's data by value, so it may outlive the loader.
    Pass epoch(std::int64_t k) const { return {*this, k}; }
    iterator begin() { return {*this, epoch_++}; }
    std::default_sentinel_t end() const { return {}; }
    std::int64_t batches() const;
    const Examples<X, Y>& data() const { return data_; }

private:
    Examples<X, Y> data_;
    LoaderOptions options_;
    std::int64_t epoch_ = 0;
};
using DataLoader = Loader<Tensor>;
/// With several inputs: `for (auto [xs, y] : MultiDataLoader({{left, right}, y}))`.
using MultiDataLoader = Loader<Tensors>;
/// With several targets too: `for (auto [xs, ys] : MultiTargetDataLoader({{x}, {price, grade}}))`.
using MultiTargetDataLoader = Loader<Tensors, Tensors>;

}  // namespace xg
