#pragma once
#include <concepts>
#include <map>
#include "safetensors.h"

namespace xg {

/// What is to outlive the process: tensors, numbers and words by name. States nest: set("adam", inner) keeps inner's
/// "steps" as "adam.steps".
class State {
public:
    void set(const std::string& name, const Tensor& value);
    void set(const std::string& name, const std::string& value) { words_[name] = value; }
    void set(const std::string& name, const State& inner);
    template <std::integral I> void set(const std::string& name, I value) { set_integer(name, std::int64_t(value)); }
    void set(const std::string& name, double value);

    // Each throws if there is no such name.
    const Tensor& tensor(const std::string& name) const;
    double number(const std::string& name) const { return tensor(name).item(); }
    std::int64_t integer(const std::string& name) const { return tensor(name).item<std::int64_t>(); }
    const std::string& text(const std::string& name) const;
    /// What stands under "name.", without that.
    State below(const std::string& name) const;

    bool contains(const std::string& name) const { return tensors_.contains(name) || words_.contains(name); }
    bool empty() const { return tensors_.empty() && words_.empty(); }
    const std::map<std::string, Tensor>& tensors() const { return tensors_; }
    const std::map<std::string, std::string>& words() const { return words_; }

private:
    void set_integer(const std::string& name, std::int64_t value);
    std::map<std::string, Tensor> tensors_;
    std::map<std::string, std::string> words_;
};

/// One safetensors file with a checksum over all of it, replaced whole or left as it was. Throws FileError.
void save_state(const std::string& path, const State& state);
/// Throws FileError if so much as a bit is not as it was written.
State load_state(const std::string& path);
State parse_state(std::string_view bytes, const std::string& path);

}  // namespace xg
