#pragma once
// The settings that layers with weights have in common, for the lists of fields in their .cpp.

namespace xg {

/// Kernel, recurrent kernel where there is one, bias.
template <class Options, class F> void kernel_fields(Options& o, F&& field) {
    constexpr bool recurs = requires { o.recurrent_initializer; };
    field("kernel_initializer", o.kernel_initializer);
    if constexpr (recurs) field("recurrent_initializer", o.recurrent_initializer);
    field("bias_initializer", o.bias_initializer);
    field("kernel_regularizer", o.kernel_regularizer);
    if constexpr (recurs) field("recurrent_regularizer", o.recurrent_regularizer);
    field("bias_regularizer", o.bias_regularizer);
    field("kernel_constraint", o.kernel_constraint);
    if constexpr (recurs) field("recurrent_constraint", o.recurrent_constraint);
    field("bias_constraint", o.bias_constraint);
}
/// Depthwise kernel, pointwise kernel where there is one, bias.
template <class Options, class F> void depthwise_fields(Options& o, F&& field) {
    constexpr bool separable = requires { o.pointwise_initializer; };
    field("depthwise_initializer", o.depthwise_initializer);
    if constexpr (separable) field("pointwise_initializer", o.pointwise_initializer);
    field("bias_initializer", o.bias_initializer);
    field("depthwise_regularizer", o.depthwise_regularizer);
    if constexpr (separable) field("pointwise_regularizer", o.pointwise_regularizer);
    field("bias_regularizer", o.bias_regularizer);
    field("depthwise_constraint", o.depthwise_constraint);
    if constexpr (separable) field("pointwise_constraint", o.pointwise_constraint);
    field("bias_constraint", o.bias_constraint);
}
/// Centre and scale of a normalization.
template <class Options, class F> void affine_fields(Options& o, F&& field) {
    field("center", o.center);
    field("scale", o.scale);
    field("beta_initializer", o.beta_initializer);
    field("gamma_initializer", o.gamma_initializer);
    field("beta_regularizer", o.beta_regularizer);
    field("gamma_regularizer", o.gamma_regularizer);
    field("beta_constraint", o.beta_constraint);
    field("gamma_constraint", o.gamma_constraint);
}

}  // namespace xg
