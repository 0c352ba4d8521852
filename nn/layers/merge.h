#pragma once
#include "../module.h"

namespace xg {

/// Of two or more inputs (batch, ...) that broadcast; where ranks differ, axes of one follow the batch. A mask goes on
/// if every input has one: steps count that count in any.
class Merge : public Module {
public:
    Tensor forward(const Tensors& xs) override;
    void describe(Config&) const override {}

protected:
    virtual Tensor merge(const Tensors& xs) const = 0;
    MaskFate mask_fate() const override { return MaskFate::lost; }
};
/// The sum.
struct Add : Merge {
    Tensor merge(const Tensors& xs) const override;
};
/// The first less the second of two.
struct Subtract : Merge {
    Tensor merge(const Tensors& xs) const override;
};
/// The product; steps that an input's mask leaves out count as ones, and are 0 if every mask does.
struct Multiply : Merge {
    Tensor merge(const Tensors& xs) const override;
};
/// The first over the second of two.
struct Divide : Merge {
    Tensor merge(const Tensors& xs) const override;
};
/// The mean.
struct Average : Merge {
    Tensor merge(const Tensors& xs) const override;
};
/// The largest.
struct Maximum : Merge {
    Tensor merge(const Tensors& xs) const override;
};
/// The smallest.
struct Minimum : Merge {
    Tensor merge(const Tensors& xs) const override;
};

struct ConcatenateOptions {
    int axis = -1;
};
/// One after another along `axis`; all other extents are equal. A mask goes on if any input has one.
class Concatenate : public Module {
public:
    explicit Concatenate(int axis = -1) : options_{axis} {}
    Tensor forward(const Tensors& xs) override;
    void describe(Config& config) const override;
    static Concatenate from_config(const Config& config);

protected:
    MaskFate mask_fate() const override { return MaskFate::lost; }

private:
    ConcatenateOptions options_;
};

struct DotOptions {
    std::vector<int> axes = {};  // of both inputs, or one of each; never the batch's 0
    bool normalize = false;      // to length one along the axes before: the cosine
};
/// The sum of products along an axis of each of two inputs, example by example: (batch, other axes of the first, of the
/// second), (batch, 1) where none is left.
class Dot : public Module {
public:
    explicit Dot(int axes) : Dot(DotOptions{.axes = {axes}}) {}
    explicit Dot(DotOptions options);
    Tensor forward(const Tensors& xs) override;
    void describe(Config& config) const override;
    static Dot from_config(const Config& config);

protected:
    MaskFate mask_fate() const override { return MaskFate::lost; }

private:
    DotOptions options_;
};

}  // namespace xg
