#pragma once
#include <string>
#include "safetensors.h"

namespace xg {

// NumPy's files. All six dtypes; other integers and float16 are read into the nearest wider one, either byte order, C
// or Fortran order. Objects (pickles), records and strings are refused. Throws FileError.

/// One array, as numpy.save writes it.
void save_npy(const std::string& path, const Tensor& x);
Tensor load_npy(const std::string& path);
/// Several named ones, as numpy.savez writes them; `compress` as numpy.savez_compressed.
void save_npz(const std::string& path, const NamedTensors& tensors, bool compress = false);
NamedTensors load_npz(const std::string& path);

}  // namespace xg
