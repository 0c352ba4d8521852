#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include "../tensor/tensor.h"

namespace xg {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// Writes all tensors to one safetensors file, which is replaced whole or left as it was.
void save_safetensors(const std::string& path, const NamedTensors& tensors,
                      const std::map<std::string, std::string>& metadata = {});
/// Reads them back, in the file's order. float16 and bfloat16 become float32. Throws FileError for anything that is not
/// exactly the format: no holes, no overlaps, no name twice.
NamedTensors load_safetensors(const std::string& path);

struct SafetensorsFile {
    NamedTensors tensors;
    std::map<std::string, std::string> metadata;
};
/// The same from and to a buffer; `path` is for errors.
SafetensorsFile parse_safetensors(std::string_view bytes, const std::string& path);
std::string format_safetensors(const NamedTensors& tensors, const std::map<std::string, std::string>& metadata = {});

}  // namespace xg
