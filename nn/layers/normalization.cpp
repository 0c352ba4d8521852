#include "normalization.h"
#include <algorithm>
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/normalization.h"
#include "../../autograd/ops/reduction.h"
#include "../config.h"
#include "weight_fields.h"

namespace xg {

template <class F> void fields(LayerNormalizationOptions& o, F&& field) {
    field("axis", o.axis);
    field("epsilon", o.epsilon);
    affine_fields(o, field);
}
template <class F> void fields(GroupNormalizationOptions& o, F&& field) {
    field("groups", o.groups);
    field("axis", o.axis);
    field("epsilon", o.epsilon);
    affine_fields(o, field);
}
template <class F> void fields(RMSNormalizationOptions& o, F&& field) {
    field("axis", o.axis);
    field("epsilon", o.epsilon);
}
template <class F> void fields(UnitNormalizationOptions& o, F&& field) { field("axis", o.axis); }

namespace {
Axes axes_of(const std::vector<int>& axis) { return Axes(axis.begin(), axis.end()); }
/// The extents along the axes, sorted as they were given: as in Keras, {1, -1} makes weights of the last axis first.
Shape along(std::vector<int> axis, const Shape& input, const char* layer) {
    axes_of(axis).mask(input.rank(), layer);
    std::ranges::sort(axis);
    Shape shape;
    for (const int a : axis) shape.push_back(input[normalize_axis(a, input.rank(), layer)]);
    return shape;
}
/// Such a weight with the axes in order: its entries stay where they are, as in Keras.
Tensor in_order(const Tensor& weight, const std::vector<int>& axis, const Shape& input) {
    if (!weight.defined() || axis.size() < 2) return weight;
    const unsigned mask = axes_of(axis).mask(input.rank(), "LayerNormalization");
    Shape shape;
    for (int a = 0; a < input.rank(); ++a)
        if (mask >> a & 1) shape.push_back(input[a]);
    return weight.shape() == shape ? weight : reshape(weight, shape);
}
void check_epsilon(const char* layer, double epsilon) {
    require<std::invalid_argument>(epsilon > 0, "{}: expected epsilon > 0, got {}", layer, epsilon);
}
}  // namespace

LayerNormalization::LayerNormalization(LayerNormalizationOptions options) : options_(std::move(options)) {
    check_epsilon("LayerNormalization", options_.epsilon);
}
void LayerNormalization::build(const Shape& input) {
    const Shape shape = along(options_.axis, input, "LayerNormalization");
    const auto& o = options_;
    if (o.scale) gamma_ = parameter("gamma", shape, o.gamma_initializer, o.gamma_regularizer, o.gamma_constraint);
    if (o.center) beta_ = parameter("beta", shape, o.beta_initializer, o.beta_regularizer, o.beta_constraint);
}
Tensor LayerNormalization::forward(const Tensor& x) {
    const auto& axis = options_.axis;
    return layer_norm(x, in_order(gamma_, axis, x.shape()), in_order(beta_, axis, x.shape()),
                      {axes_of(axis), options_.epsilon});
}
void LayerNormalization::describe(Config& config) const { write(config, options_); }
LayerNormalization LayerNormalization::from_config(const Config& config) {
    return LayerNormalization(read<LayerNormalizationOptions>("LayerNormalization", config));
}

GroupNormalization::GroupNormalization(GroupNormalizationOptions options) : options_(std::move(options)) {
    check_epsilon("GroupNormalization", options_.epsilon);
    require<std::invalid_argument>(options_.groups > 0 || options_.groups == -1,
                                   "GroupNormalization: expected groups > 0, or -1, got {}", options_.groups);
}
void GroupNormalization::build(const Shape& input) {
    require(input.rank() >= 2, "expected input (batch, ..., channels), got {}", input);
    const auto& o = options_;
    const Shape shape{input[normalize_axis(o.axis, input.rank(), "GroupNormalization")]};
    if (o.scale) gamma_ = parameter("gamma", shape, o.gamma_initializer, o.gamma_regularizer, o.gamma_constraint);
    if (o.center) beta_ = parameter("beta", shape, o.beta_initializer, o.beta_regularizer, o.beta_constraint);
}
Tensor GroupNormalization::forward(const Tensor& x) {
    const auto channels = x.shape()[normalize_axis(options_.axis, x.rank(), "GroupNormalization")];
    const auto groups = options_.groups == -1 ? channels : options_.groups;
    return group_norm(x, gamma_, beta_, {.groups = groups, .axis = options_.axis, .epsilon = options_.epsilon});
}
void GroupNormalization::describe(Config& config) const { write(config, options_); }
GroupNormalization GroupNormalization::from_config(const Config& config) {
    return GroupNormalization(read<GroupNormalizationOptions>("GroupNormalization", config));
}

RMSNormalization::RMSNormalization(RMSNormalizationOptions options) : options_(std::move(options)) {
    check_epsilon("RMSNormalization", options_.epsilon);
}
void RMSNormalization::build(const Shape& input) {
    scale_ = parameter("scale", along(options_.axis, input, "RMSNormalization"), Ones());
}
Tensor RMSNormalization::forward(const Tensor& x) {
    // As in Keras the scale, of the extents along `axis`, multiplies along the last axes.
    const Axes axes = axes_of(options_.axis);
    const Shape &s = x.shape(), &scale = scale_.shape();
    const unsigned mask = axes.mask(s.rank(), "RMSNormalization"), before = (1u << (s.rank() - scale.rank())) - 1;
    if ((mask & before) == 0) return rms_norm(x, scale_, {axes, options_.epsilon});
    require(scale.numel() == 1 || scale == Shape(s.end() - scale.rank(), s.end()),
            "expected a scale {} that goes along the last axes, got input {}", scale, s);
    return rms_norm(x, {}, {axes, options_.epsilon}) * scale_;
}
void RMSNormalization::describe(Config& config) const { write(config, options_); }
RMSNormalization RMSNormalization::from_config(const Config& config) {
    return RMSNormalization(read<RMSNormalizationOptions>("RMSNormalization", config));
}

Tensor UnitNormalization::forward(const Tensor& x) {
    return x / maximum(norm(x, axes_of(options_.axis), {.keepdims = true}), 1e-12);
}
void UnitNormalization::describe(Config& config) const { write(config, options_); }
UnitNormalization UnitNormalization::from_config(const Config& config) {
    return UnitNormalization(read<UnitNormalizationOptions>("UnitNormalization", config));
}

}  // namespace xg
