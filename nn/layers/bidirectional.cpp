#include "bidirectional.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/layout.h"
#include "recurrent_settings.h"

namespace xg {

namespace {
/// The same layer, with weights of its own, from the last step to the first.
std::shared_ptr<RNN> reversed(const RNN& layer) {
    Config config;
    layer.describe(config);
    config.set("go_backwards", true);
    config.set("trainable", !layer.frozen());
    return inner<RNN>("Bidirectional", make_module(registered_name(layer), config));
}
/// In words, for errors.
std::string listed(const RNNOptions& o) {
    return fmt::format("(go_backwards {}, return_sequences {}, return_state {}, stateful {})", o.go_backwards,
                       o.return_sequences, o.return_state, o.stateful);
}
struct Settings {
    std::shared_ptr<Module> layer, backward_layer;
    std::optional<std::string> merge_mode = "concat";
};
template <class F> void fields(Settings& o, F&& field) {
    field("layer", o.layer);
    field("merge_mode", o.merge_mode);
    field("backward_layer", o.backward_layer);
}
}  // namespace

Bidirectional::Bidirectional(std::shared_ptr<RNN> layer, BidirectionalOptions options)
    : merge_mode_(std::move(options.merge_mode)),
      forward_(child("forward", layer)),
      backward_(child("backward", options.backward_layer ? options.backward_layer : reversed(*layer))) {
    RNNOptions &a = forward_.options_, &b = backward_.options_;
    require<std::invalid_argument>(!merge_mode_ || *merge_mode_ == "concat" || *merge_mode_ == "sum" ||
                                       *merge_mode_ == "mul" || *merge_mode_ == "ave",
                                   "Bidirectional: expected merge_mode concat, sum, mul, ave or none, got \"{}\"",
                                   merge_mode_.value_or(""));
    require<std::invalid_argument>(
        !a.go_backwards && b.go_backwards && a.return_sequences == b.return_sequences &&
            a.return_state == b.return_state && a.stateful == b.stateful,
        "Bidirectional: expected a layer and a backward_layer that differ in go_backwards alone, got {} and {}",
        listed(a), listed(b));
    a.zero_output_for_mask = b.zero_output_for_mask = a.return_sequences;
}
Tensors Bidirectional::forward_all(const Tensors& in) {
    const std::size_t states = in.size() - 1, half = states / 2;
    require(states % 2 == 0, "expected as many states for the way back as for the way there, got {}", states);
    const auto first = in.begin() + 1, middle = first + std::ptrdiff_t(half);
    auto [there, after] = forward_.run(in[0], {first, middle});
    auto [back, before] = backward_.run(in[0], {middle, in.end()});
    const Tensor mask = there.mask();
    if (forward_.options_.return_sequences) back = flip(back, 1);
    Tensors ys;
    if (!merge_mode_) ys = {there, back};
    else if (*merge_mode_ == "concat") ys = {concatenate({there, back}, -1)};
    else if (*merge_mode_ == "sum") ys = {there + back};
    else if (*merge_mode_ == "mul") ys = {there * back};
    else ys = {(there + back) / 2};
    if (mask.defined())
        for (Tensor& y : ys) y.set_mask(mask);
    if (forward_.options_.return_state) {
        ys.insert(ys.end(), after.begin(), after.end());
        ys.insert(ys.end(), before.begin(), before.end());
    }
    return ys;
}
Tensor Bidirectional::forward(const Tensors& in) {
    require<std::logic_error>(merge_mode_ && !forward_.options_.return_state,
                              "Bidirectional: expected outputs(), as return_state or no merge_mode gives several "
                              "outputs, got a call for one");
    return forward_all(in)[0];
}
void Bidirectional::reset_states() {
    forward_.reset_states();
    backward_.reset_states();
}
void Bidirectional::describe(Config& config) const {
    config.set("layer", forward_);
    detail::SettingOf<std::optional<std::string>>::set(config, "merge_mode", merge_mode_);
    config.set("backward_layer", backward_);
}
Bidirectional Bidirectional::from_config(const Config& config) {
    const auto o = read<Settings>("Bidirectional", config);
    BidirectionalOptions options{.merge_mode = o.merge_mode};
    if (o.backward_layer) options.backward_layer = inner<RNN>("Bidirectional", o.backward_layer);
    return Bidirectional(inner<RNN>("Bidirectional", o.layer), std::move(options));
}

}  // namespace xg
