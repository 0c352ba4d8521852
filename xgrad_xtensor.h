#pragma once
// xtensor views of tensors, and tensors from xtensor expressions; beside xgrad.h because it doubles the time to
// compile.
#include "tensor/xtensor.h"
#include "xgrad.h"
